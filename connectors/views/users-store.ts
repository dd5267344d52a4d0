/**
 * Users: not a view but the record of credentials, e-mail addresses, sessions and postal addresses.
 * What others need to know of a user reaches the log through an outbox written in the same
 * transaction; `outbox` and `forget` are for the relay that empties it.
 */
import type { Address, AddressId, Role, UserEvent, UserId } from '#schemas/users';

export interface User {
  readonly id: UserId;
  /** Lower case. */
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** As the password hasher wrote it; never leaves identity. */
  readonly passwordHash: string;
  readonly createdAtMs: number;
}

/** Who somebody is, as others may see it. */
export type UserProfile = Omit<User, 'passwordHash'>;

/** May lag behind the store by less than a second where another process changed it. */
export interface UserProfiles {
  get(id: UserId): Promise<UserProfile | undefined>;
  byEmail(email: string): Promise<UserProfile | undefined>;
}

export interface RefreshToken {
  /** SHA-256 of the token, hex. */
  readonly tokenHash: string;
  readonly userId: UserId;
  readonly expiresAtMs: number;
}

export interface OutboxEntry {
  readonly id: number;
  readonly userId: UserId;
  readonly event: UserEvent;
}

export interface UsersStore {
  /** @throws ViewError `VIEW_CONFLICT` when the e-mail address is taken. Writes to the outbox. */
  create(user: User, event: UserEvent): Promise<void>;
  get(id: UserId): Promise<User | undefined>;
  byEmail(email: string): Promise<User | undefined>;
  /** Nothing happens when there is no such user; so with the roles. */
  rename(id: UserId, name: string): Promise<void>;
  setRoles(id: UserId, roles: readonly Role[]): Promise<void>;
  /** Removes the user, sessions and addresses. Writes to the outbox. */
  delete(id: UserId, event: UserEvent): Promise<void>;

  /** In the order they were first added. */
  addresses(id: UserId): Promise<readonly Address[]>;
  /** Adds it or replaces the one with its id. @throws ViewError `VIEW_CONFLICT`: no such user. */
  putAddress(id: UserId, address: Address): Promise<void>;
  deleteAddress(id: UserId, addressId: AddressId): Promise<boolean>;

  /** @throws ViewError `VIEW_CONFLICT` when there is no such user. */
  saveRefreshToken(token: RefreshToken): Promise<void>;
  /** Removes and answers it: a token works once. `undefined` when it is unknown. */
  takeRefreshToken(tokenHash: string): Promise<RefreshToken | undefined>;
  deleteRefreshTokens(userId: UserId): Promise<void>;

  /** Oldest first. */
  outbox(limit: number): Promise<readonly OutboxEntry[]>;
  forget(upToId: number): Promise<void>;
}

/** What a relay needs of a store to empty its outbox. */
export interface UsersOutbox extends Pick<UsersStore, 'outbox' | 'forget'> {
  /** Calls `listener` after something was written to it here. Answers the way to stop. */
  onOutbox(listener: () => void): () => void;
}

/** The store as the process that opened it has it. */
export interface OpenUsersStore extends UsersStore, UsersOutbox {
  /** Removes the tokens that expired before `nowMs`; answers how many. */
  deleteExpiredTokens(nowMs: number): Promise<number>;
  close(): Promise<void> | void;
}
