/** What the API says of a user: never the password's hash. */
import { type Role, roles, type UserId } from '#schemas/users';
import type { UserProfile } from '#views/users-store';
import {
  type Described,
  list,
  matching,
  object,
  oneOf,
  reply,
  text,
  withDescription,
} from '../json-schema.ts';

export const role = oneOf<Role>(...roles);

export const userReply = object({
  id: reply<UserId>(),
  email: reply(),
  name: reply(),
  roles: list(role),
});

export function userJson({
  id,
  email,
  name,
  roles: granted,
}: UserProfile): Described<typeof userReply> {
  return { id, email, name, roles: granted };
}

export const emailInput = matching(
  '^[^\\s@\\p{Cc}\\p{Cs}]{1,64}@[^\\s@\\p{Cc}\\p{Cs}]+\\.[^\\s@\\p{Cc}\\p{Cs}]+$',
  'an e-mail address',
  254,
);

export const nameInput = text(200, 1);

/** Long enough not to be guessed, short enough to be hashed. */
export const newPassword = withDescription(text(200, 10), 'at least 10 characters');

/** Two spellings of one address are one account. */
export function normalEmail(email: string): string {
  return email.normalize('NFKC').toLowerCase();
}
