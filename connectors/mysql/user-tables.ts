/** The tables of the users store, as Kysely knows them. */
import type { ColumnType, Generated, Selectable } from 'kysely';

/** VARBINARY: written and compared as text, read as its bytes. */
type Key = ColumnType<Buffer | string, string, string>;

export interface UserTables {
  readonly users: {
    readonly id: Key;
    readonly email: Key;
    readonly name: string;
    /** JSON. */
    readonly roles: string;
    readonly password_hash: string;
    readonly created_at: number;
  };
  readonly user_addresses: {
    readonly position: Generated<number>;
    readonly user_id: Key;
    readonly id: Key;
    /** JSON. */
    readonly address: string;
  };
  readonly refresh_tokens: {
    readonly token_hash: Key;
    readonly user_id: Key;
    readonly expires_at: number;
  };
  readonly users_outbox: {
    readonly id: number;
    readonly user_id: Key;
    /** JSON. */
    readonly event: string;
  };
}

export type UsersRow = Selectable<UserTables['users']>;

/** Of a BIGINT, which the driver reads as text where it is larger than a number is exact. */
export function numberOf(value: number | string): number {
  return Number(value);
}
