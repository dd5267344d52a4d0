/** The first administrator, made at start from what the operator configured. */
import type { UserId } from '#schemas/users';
import type { UsersStore } from '#views/users-store';
import { ViewError } from '#views/view';
import type { Clock, Ids } from '../dependencies.ts';
import type { Passwords } from './passwords.ts';
import { normalEmail } from './user-json.ts';

/**
 * Creates the account, or gives the existing one the role. Its password is set only once: who
 * changed it later keeps the change. Answers whether it was created.
 */
export async function ensureAdmin(options: {
  readonly users: UsersStore;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly email: string;
  readonly password: string;
}): Promise<boolean> {
  const { users, passwords, clock, ids, password } = options;
  const email = normalEmail(options.email);
  const existing = await users.byEmail(email);
  if (existing) {
    if (!existing.roles.includes('admin')) {
      await users.setRoles(existing.id, [...existing.roles, 'admin']);
    }
    return false;
  }

  const at = clock.nowMs();
  const passwordHash = await passwords.hash(password);
  const admin = { email, name: 'Administrator', passwordHash, createdAtMs: at };
  try {
    await users.create(
      { ...admin, id: `user_${ids.next().slice(0, 24)}` as UserId, roles: ['admin'] },
      { type: 'UserRegistered', role: 'admin', at },
    );
    return true;
  } catch (error) {
    // Another process of this shop was faster.
    if (error instanceof ViewError && error.code === 'VIEW_CONFLICT') return false;
    throw error;
  }
}
