/**
 * Users: ids, roles, addresses. The record of credentials and e-mail addresses is not in the log;
 * `users.events` carries what others need to know, without credentials.
 */
import { avro, type Decoded, topic } from '#streams';
import { Pincode } from './serviceability.ts';

const { array, enumeration, id, literal, record, string, timestampMillis, union } = avro;

/** A registered user, or a guest: then it begins with `guest_`. */
export const UserId = id('UserId');
export type UserId = Decoded<typeof UserId>;

export const roles = ['shopper', 'supplier', 'operator', 'analyst', 'admin'] as const;
export type Role = (typeof roles)[number];

export const AddressId = id('AddressId');
export type AddressId = Decoded<typeof AddressId>;

export const Address = record('Address', {
  id: AddressId,
  name: string,
  lines: array(string),
  city: string,
  pincode: Pincode,
  phone: string,
});
export interface Address extends Decoded<typeof Address> {}

export const UserRegistered = record('UserRegistered', {
  type: literal('UserRegistered'),
  role: enumeration('Role', roles),
  at: timestampMillis,
});
export const UserDeleted = record('UserDeleted', {
  type: literal('UserDeleted'),
  at: timestampMillis,
});
export const UserEvent = union(UserRegistered, UserDeleted);
export type UserEvent = Decoded<typeof UserEvent>;

export const userEvents = topic('users.events', { key: UserId, value: UserEvent });
