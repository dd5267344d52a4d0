/** The users store in memory. */
import type { Address, UserId } from '#schemas/users';
import type { OutboxEntry, RefreshToken, User, UsersStore } from '#views/users-store';
import { ViewError } from '#views/view';

export function fakeUsers(): UsersStore {
  const users = new Map<UserId, User>();
  const addresses = new Map<UserId, Address[]>();
  const tokens = new Map<string, RefreshToken>();
  let outbox: OutboxEntry[] = [];
  const change = (id: UserId, to: Partial<User>): void => {
    const user = users.get(id);
    if (user) users.set(id, { ...user, ...to });
  };
  const tell = (userId: UserId, event: OutboxEntry['event']): void => {
    outbox.push({ id: (outbox.at(-1)?.id ?? 0) + 1, userId, event });
  };
  const byEmail = async (email: string) => [...users.values()].find((u) => u.email === email);
  const deleteRefreshTokens = async (userId: UserId): Promise<void> => {
    for (const token of tokens.values()) {
      if (token.userId === userId) tokens.delete(token.tokenHash);
    }
  };

  return {
    byEmail,
    deleteRefreshTokens,
    async create(user, event) {
      if (await byEmail(user.email)) throw new ViewError('VIEW_CONFLICT', 'e-mail taken');
      users.set(user.id, user);
      tell(user.id, event);
    },
    get: async (id) => users.get(id),
    rename: async (id, name) => change(id, { name }),
    setRoles: async (id, roles) => change(id, { roles }),
    async delete(id, event) {
      users.delete(id);
      addresses.delete(id);
      await deleteRefreshTokens(id);
      tell(id, event);
    },
    addresses: async (id) => addresses.get(id) ?? [],
    async putAddress(id, address) {
      const others = (addresses.get(id) ?? []).filter((each) => each.id !== address.id);
      addresses.set(id, [...others, address]);
    },
    async deleteAddress(id, addressId) {
      const all = addresses.get(id) ?? [];
      const kept = all.filter((each) => each.id !== addressId);
      addresses.set(id, kept);
      return kept.length < all.length;
    },
    saveRefreshToken: async (token) => {
      tokens.set(token.tokenHash, token);
    },
    async takeRefreshToken(tokenHash) {
      const token = tokens.get(tokenHash);
      tokens.delete(tokenHash);
      return token;
    },
    outbox: async (limit) => outbox.slice(0, limit),
    forget: async (upToId) => {
      outbox = outbox.filter(({ id }) => id > upToId);
    },
  };
}
