/** Takes the cart as an order, and answers when it is decided: all lines reserved, or none. */
import type { CartLine } from '#schemas/carts';
import { itemIdOf } from '#schemas/items';
import {
  type Order,
  type OrderId,
  orderCommands,
  type PaymentMethod,
  type PlaceOrder,
} from '#schemas/orders';
import type { CommandReply } from '#schemas/replies';
import type { Address, AddressId, UserId } from '#schemas/users';
import { type ApiRequest, callerOf } from '../access.ts';
import { decided } from '../decided.ts';
import type { Dependencies } from '../dependencies.ts';
import { commandIdOf, derivedId } from '../idempotency.ts';
import { isAway } from '../partial-answer.ts';
import { Problem, problem, refusal } from '../problem.ts';
import { whenShown } from '../read-your-writes.ts';

export type PlacingPorts = Pick<Dependencies, 'views' | 'users' | 'commands' | 'settings'>;

export interface OrderWish {
  readonly addressId: AddressId;
  readonly paymentMethod: PaymentMethod;
}

/**
 * How long an empty cart is doubted when the same request may have ordered it already: carts and
 * orders are shown by two sinks, and one may be behind the other when the log comes back.
 */
const emptyCartDoubtMs = 2_000;

/** @throws Problem for each way in which this is no order; then nothing is reserved. */
export async function placeOrder(
  ports: PlacingPorts,
  request: ApiRequest,
  wish: OrderWish,
): Promise<Order> {
  const orderId = derivedId(request, 'ord') as OrderId;
  const prepared = await prepare(ports, request, wish, orderId).catch(notTaken);
  if ('earlier' in prepared) return answerOf(prepared.earlier, wish);
  const { version } = decided(await send(ports, orderId, prepared.command));
  return whenShown({
    view: ports.views.liveOrders,
    look: () => knownOrder(ports, orderId) as Promise<Order>,
    shows: (order: Order | undefined) => (order?.version ?? 0) >= version,
    timeoutMs: ports.settings.viewTimeoutMs ?? 5_000,
  });
}

type Prepared = { readonly command: PlaceOrder } | { readonly earlier: Order };

/** Looks up all that the order is made of, or the order that this request has made before. */
async function prepare(
  ports: PlacingPorts,
  request: ApiRequest,
  { addressId, paymentMethod }: OrderWish,
  orderId: OrderId,
): Promise<Prepared> {
  const earlier = await orderOfEarlierRequest(ports, request, orderId);
  if (earlier) return { earlier };

  const { userId } = callerOf(request);
  const [address, lines] = await Promise.all([
    addressOf(ports, userId, addressId),
    linesOf(ports, userId),
  ]);
  if (lines.length === 0) {
    const late = request.idempotency ? await shownSoon(ports, orderId) : undefined;
    if (late) return { earlier: late };
    throw problem('cart-empty', 'put something into the cart first: PUT /v1/cart/lines/{sku}');
  }
  const commandId = commandIdOf(request, 'place-order');
  return { command: { type: 'PlaceOrder', commandId, userId, address, paymentMethod, lines } };
}

/** Trouble before the command was sent: nothing has happened, and that is worth saying. */
function notTaken(error: unknown): never {
  const isTrouble = isAway(error) || (error instanceof Problem && error.code === 'log-unavailable');
  if (!isTrouble) throw error;
  const detail = 'nothing was reserved and your cart is as it was; try again in a moment';
  throw problem('checkout-unavailable', detail, { retryAfterS: 2, cause: error });
}

/**
 * With an Idempotency-Key the order's id is the same each time. When a crash came between the
 * decision and the answer, the cart may be empty by now; the order is what counts.
 */
async function orderOfEarlierRequest(
  ports: PlacingPorts,
  request: ApiRequest,
  orderId: OrderId,
): Promise<Order | undefined> {
  if (!request.idempotency) return undefined;
  const order = await knownOrder(ports, orderId);
  return order && order.status !== 'reserving' ? order : undefined;
}

async function knownOrder({ views }: PlacingPorts, id: OrderId): Promise<Order | undefined> {
  return (await views.liveOrders.get(id)) ?? (await views.archivedOrders.get(id));
}

function answerOf(order: Order, wish: OrderWish): Order {
  if (order.address.id !== wish.addressId || order.paymentMethod !== wish.paymentMethod) {
    const detail = 'this Idempotency-Key was used for an order with other content';
    throw problem('idempotency-key-reused', detail);
  }
  if (order.status !== 'rejected') return order;
  const lines = order.failedLines;
  throw refusal(lines[0]?.code ?? 'invalid-order', 'the order was refused', { extras: { lines } });
}

async function shownSoon(ports: PlacingPorts, orderId: OrderId): Promise<Order | undefined> {
  const shown = whenShown({
    view: ports.views.liveOrders,
    look: () => knownOrder(ports, orderId),
    shows: (order) => order !== undefined && order.status !== 'reserving',
    timeoutMs: emptyCartDoubtMs,
  });
  return shown.catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not-shown-in-time') return undefined;
    throw error;
  });
}

async function addressOf(
  { users }: PlacingPorts,
  userId: UserId,
  addressId: AddressId,
): Promise<Address> {
  const address = (await users.addresses(userId)).find(({ id }) => id === addressId);
  if (address) return address;
  throw problem('address-unknown', 'none of your addresses has this id: GET /v1/me/addresses');
}

/**
 * A price that fell since it went into the cart is passed on. One that rose is not taken silently:
 * the order is refused with `price-changed` until the line is put again, at the price shown.
 */
async function linesOf({ views }: PlacingPorts, userId: UserId): Promise<PlaceOrder['lines']> {
  const lines: readonly CartLine[] = (await views.carts.get(userId))?.lines ?? [];
  const items = await views.items.getMany(lines.map(({ sku }) => itemIdOf(sku)));
  const prices = new Map(items.map((item) => [item.sku, item.price]));
  return lines.map(({ sku, quantity, unitPrice }) => {
    const today = prices.get(sku);
    const isFall = today?.currency === unitPrice.currency && today.amount < unitPrice.amount;
    return { sku, quantity, unitPrice: isFall ? today : unitPrice };
  });
}

async function send(
  { commands, settings }: PlacingPorts,
  orderId: OrderId,
  command: PlaceOrder,
): Promise<CommandReply> {
  const timeoutMs = settings.decisionTimeoutMs;
  return commands.send(orderCommands, orderId, command, { timeoutMs }).catch(notTaken);
}
