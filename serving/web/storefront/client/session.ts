/** Who is using the shop in this browser: nobody yet, a guest with a cart, or a member. */
import { keptCell } from './cell.ts';

export interface Session {
  readonly accessToken: string;
  /** Guests have none: a guest whose token is over starts afresh. */
  readonly refreshToken?: string;
  readonly expiresAt: string;
  readonly userId: string;
  readonly roles: readonly string[];
}

export const session = keptCell<Session | null>('millrace.session', null);

export function isGuest(who: Session | null): boolean {
  return who === null || who.refreshToken === undefined;
}
