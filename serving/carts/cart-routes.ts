/** `/cart`: one for each user or guest. */
import { type Cart, type CartCommand, cartCommands } from '#schemas/carts';
import { itemIdOf } from '#schemas/items';
import type { UserId } from '#schemas/users';
import { type ApiRequest, callerOf } from '../access.ts';
import { decided } from '../decided.ts';
import type { Dependencies } from '../dependencies.ts';
import { commandIdOf } from '../idempotency.ts';
import type { AccessTokens } from '../identity/access-tokens.ts';
import { skuInput } from '../items/item-json.ts';
import { integer, object, type Routes, text } from '../json-schema.ts';
import { type AskPart, askingParts } from '../partial-answer.ts';
import { problem } from '../problem.ts';
import { whenShown } from '../read-your-writes.ts';
import { type CartJson, cartJson, cartReply } from './cart-json.ts';

type CartPorts = Pick<Dependencies, 'views' | 'commands' | 'settings'>;
export interface CartRoutesOptions extends CartPorts {
  readonly tokens: AccessTokens;
}

const tags = ['cart'];
const lineParams = object({ sku: skuInput });
const config = { access: 'visitor', idempotent: true } as const;
const response = { 200: cartReply };

export const cartRoutes: Routes<CartRoutesOptions> = async (app, options) => {
  const { views, tokens } = options;
  const change = cartChanges(options);

  app.get(
    '/cart',
    { config: { access: 'visitor' }, schema: { tags, summary: 'My cart', response } },
    async (request, reply) => {
      const cart = await views.carts.get(callerOf(request).userId);
      return cartJson(options, cart, askingParts(reply));
    },
  );

  app.put(
    '/cart/lines/:sku',
    {
      config,
      schema: {
        tags,
        summary: 'Put a number of units of a SKU into the cart',
        params: lineParams,
        body: object({ quantity: integer(1, 99) }),
        response,
      },
    },
    async (request, reply) => {
      const { sku } = request.params;
      const item = await views.items.get(itemIdOf(sku));
      if (!item) throw problem('sku-unknown', `the shop does not sell '${sku}'`);
      const { id: itemId, title, price: unitPrice } = item;
      const { quantity } = request.body;
      const commandId = commandIdOf(request, 'set-cart-line');
      const line = { sku, itemId, title, quantity, unitPrice };
      const command = { type: 'SetCartLine', commandId, ...line } as const;
      return change(callerOf(request).userId, command, askingParts(reply));
    },
  );

  app.delete(
    '/cart/lines/:sku',
    {
      config,
      schema: { tags, summary: 'Take a SKU out of the cart', params: lineParams, response },
    },
    async (request, reply) => {
      const commandId = commandIdOf(request, 'remove-cart-line');
      const { sku } = request.params;
      const command = { type: 'RemoveCartLine', commandId, sku } as const;
      return change(callerOf(request).userId, command, askingParts(reply));
    },
  );

  app.post(
    '/cart/merge',
    {
      config: { access: 'member', idempotent: true },
      schema: {
        tags,
        summary: "Take a guest's cart over, after signing in",
        body: object({ guestToken: text(4_000, 1) }),
        response,
      },
    },
    async (request, reply) => {
      const guest = tokens.read(request.body.guestToken);
      if (!guest.isGuest) throw notOfGuest();
      const ask = askingParts(reply);
      const changing: Change = (userId, command) => change(userId, command, ask);
      return mergeCart(options, changing, request, guest.userId);
    },
  );
};

type Change = (userId: UserId, command: CartCommand) => Promise<CartJson>;

function cartChanges({ views, commands, settings }: CartPorts) {
  return async (userId: UserId, command: CartCommand, ask: AskPart): Promise<CartJson> => {
    const timeoutMs = settings.decisionTimeoutMs;
    const { version } = decided(await commands.send(cartCommands, userId, command, { timeoutMs }));
    const cart = await whenShown({
      view: views.carts,
      look: () => views.carts.get(userId),
      shows: (seen: Cart | undefined) => (seen?.version ?? 0) >= version,
      timeoutMs: settings.viewTimeoutMs ?? 5_000,
    });
    return cartJson({ views, settings }, cart, ask);
  };
}

/** The guest's cart is emptied only after the user's has its lines: nothing falls between. */
async function mergeCart(
  { views }: CartPorts,
  change: Change,
  request: ApiRequest,
  guestId: UserId,
): Promise<CartJson> {
  const { userId } = callerOf(request);
  const lines = (await views.carts.get(guestId))?.lines ?? [];
  const commandId = commandIdOf(request, 'merge-cart');
  const merged = await change(userId, { type: 'MergeCart', commandId, from: guestId, lines });
  if (lines.length > 0) {
    await change(guestId, { type: 'ClearCart', commandId: commandIdOf(request, 'clear-cart') });
  }
  return merged;
}

function notOfGuest(): Error {
  const message = 'must be the access token of a guest';
  const errors = [{ path: 'body/guestToken', message }];
  return problem('invalid-request', `body/guestToken ${message}`, { extras: { errors } });
}
