/** `/wishlist`: what a user may want one day. */
import { type ItemId, itemIdOf, type Sku } from '#schemas/items';
import type { UserId } from '#schemas/users';
import { type Wishlist, type WishlistCommand, wishlistCommands } from '#schemas/wishlists';
import { callerOf } from '../access.ts';
import { decided } from '../decided.ts';
import type { Dependencies } from '../dependencies.ts';
import { commandIdOf } from '../idempotency.ts';
import { skuInput } from '../items/item-json.ts';
import { list, object, type Routes, reply } from '../json-schema.ts';
import { problem } from '../problem.ts';
import { whenShown } from '../read-your-writes.ts';
import { rfc3339, time } from '../wire.ts';

export type WishlistRoutesOptions = Pick<Dependencies, 'views' | 'commands' | 'settings'>;

const wish = object({
  sku: reply<Sku>(),
  itemId: reply<ItemId>(),
  title: reply(),
  addedAt: time,
});
const response = { 200: object({ lines: list(wish) }) };

const tags = ['wishlist'];
const params = object({ sku: skuInput });
const config = { access: 'member', idempotent: true } as const;

export const wishlistRoutes: Routes<WishlistRoutesOptions> = async (app, options) => {
  const { views } = options;
  const change = wishlistChanges(options);

  app.get(
    '/wishlist',
    { config: { access: 'member' }, schema: { tags, summary: 'My wishlist', response } },
    async (request) => wishlistJson(await views.wishlists.get(callerOf(request).userId)),
  );

  app.put(
    '/wishlist/:sku',
    { config, schema: { tags, summary: 'Wish for a SKU', params, response } },
    async (request) => {
      const { sku } = request.params;
      const item = await views.items.get(itemIdOf(sku));
      if (!item) throw problem('sku-unknown', `the shop does not sell '${sku}'`);
      const commandId = commandIdOf(request, 'add-wish');
      const { id: itemId, title } = item;
      return change(callerOf(request).userId, { type: 'AddWish', commandId, sku, itemId, title });
    },
  );

  app.delete(
    '/wishlist/:sku',
    { config, schema: { tags, summary: 'Wish no longer', params, response } },
    async (request) => {
      const commandId = commandIdOf(request, 'remove-wish');
      const { sku } = request.params;
      return change(callerOf(request).userId, { type: 'RemoveWish', commandId, sku });
    },
  );
};

function wishlistChanges({ views, commands, settings }: WishlistRoutesOptions) {
  return async (userId: UserId, command: WishlistCommand) => {
    const timeoutMs = settings.decisionTimeoutMs;
    const sent = commands.send(wishlistCommands, userId, command, { timeoutMs });
    const { version } = decided(await sent);
    const wishlist = await whenShown({
      view: views.wishlists,
      look: () => views.wishlists.get(userId),
      shows: (seen) => (seen?.version ?? 0) >= version,
      timeoutMs: settings.viewTimeoutMs ?? 5_000,
    });
    return wishlistJson(wishlist);
  };
}

function wishlistJson(wishlist: Wishlist | undefined) {
  const lines = wishlist?.lines ?? [];
  return { lines: lines.map((line) => ({ ...line, addedAt: rfc3339(line.addedAt) })) };
}
