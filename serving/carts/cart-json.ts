/** A cart in JSON: what was put into it, at today's prices, and what has changed since. */
import type { Cart, CartLine } from '#schemas/carts';
import { type ItemId, itemIdOf, type Sku } from '#schemas/items';
import type { Money } from '#schemas/money';
import type { Dependencies } from '../dependencies.ts';
import { availability, availabilityOf, unitsOf } from '../items/item-json.ts';
import { type KnownStock, type StockedItem, stockedItems } from '../items/item-lookup.ts';
import { type Described, integer, list, object, oneOf, reply } from '../json-schema.ts';
import type { AskPart } from '../partial-answer.ts';
import { money, sum, times } from '../wire.ts';

const noticeCode = oneOf('price-changed', 'unavailable', 'low-stock');
type NoticeCode = Described<typeof noticeCode>;

const lineFields = {
  sku: reply<Sku>(),
  itemId: reply<ItemId>(),
  title: reply(),
  quantity: integer(),
  unitPrice: money,
  lineTotal: money,
};
const line = object(lineFields, { availability });

export const cartReply = object({
  lines: list(line),
  total: money,
  notices: list(object({ sku: reply<Sku>(), code: noticeCode, message: reply() })),
  version: integer(),
});
export type CartJson = Described<typeof cartReply>;
type Notice = CartJson['notices'][number];

type Ports = Pick<Dependencies, 'views' | 'settings'>;

export async function cartJson(
  { views, settings }: Ports,
  cart: Cart | undefined,
  ask: AskPart,
): Promise<CartJson> {
  const lines = cart?.lines ?? [];
  const ids = lines.map(({ sku }) => itemIdOf(sku));
  const found = await ask('items', () => stockedItems(views, ids, ask));
  if (found === undefined) return asPutIn(cart, settings.currency);
  const bySku = new Map(found.map((each) => [each.item.sku, each]));

  const told = lines.map((each) => lineJson(each, bySku.get(each.sku)));
  const payable = told.filter(({ sku }) => bySku.has(sku));
  return {
    lines: told,
    total: sum(
      payable.map(({ lineTotal }) => lineTotal),
      settings.currency,
    ),
    notices: lines.flatMap((each) => noticesOf(each, bySku.get(each.sku))),
    version: cart?.version ?? 0,
  };
}

/** While items cannot be looked up: the cart at the prices at which it was filled. */
function asPutIn(cart: Cart | undefined, currency: Ports['settings']['currency']): CartJson {
  const lines = (cart?.lines ?? []).map((each) => lineJson(each, undefined, 'unknown'));
  return {
    lines,
    total: sum(
      lines.map(({ lineTotal }) => lineTotal),
      currency,
    ),
    notices: [],
    version: cart?.version ?? 0,
  };
}

function lineJson(
  { sku, itemId, title, quantity, unitPrice }: CartLine,
  now?: StockedItem,
  level: KnownStock = now?.level,
) {
  const price = now?.item.price ?? unitPrice;
  return {
    sku,
    itemId,
    title: now?.item.title ?? title,
    quantity,
    unitPrice: price,
    lineTotal: times(price, quantity),
    availability: availabilityOf(level),
  };
}

function noticesOf({ sku, quantity, unitPrice }: CartLine, now?: StockedItem): Notice[] {
  const notice = (code: NoticeCode, message: string): Notice => ({ sku, code, message });
  if (!now) return [notice('unavailable', 'The shop no longer sells this.')];

  const notices: Notice[] = [];
  if (!sameMoney(unitPrice, now.item.price)) {
    const message = `The price was ${inWords(unitPrice)} and is ${inWords(now.item.price)} now.`;
    notices.push(notice('price-changed', message));
  }
  if (now.level === 'unknown') return notices;
  const units = unitsOf(now.level);
  if (units === 0) notices.push(notice('unavailable', 'This is out of stock.'));
  else if (units < quantity) notices.push(notice('low-stock', `Only ${units} are left.`));
  return notices;
}

function sameMoney(one: Money, other: Money): boolean {
  return one.amount === other.amount && one.currency === other.currency;
}

function inWords({ amount, currency }: Money): string {
  return `${currency} ${(amount / 100).toFixed(2)}`;
}
