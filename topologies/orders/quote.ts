/** What the shop says to each requested line at the moment of ordering, before stock is asked. */
import type { Item, ItemId } from '#schemas/items';
import { itemIdOf } from '#schemas/items';
import type { QuotedLine } from '#schemas/order-entry';
import type { FailedLine, PlaceOrder } from '#schemas/orders';
import { type DeliveryPromise, rankedPromises } from '#schemas/promise';
import type { DispatchRules, Pincode, PincodeRoutes, WarehouseId } from '#schemas/serviceability';

/** Today's items, routes and warehouses. */
export interface Catalogue {
  readonly item: (id: ItemId) => Item | undefined;
  readonly routes: (pincode: Pincode) => PincodeRoutes | undefined;
  readonly dispatchRules: (id: WarehouseId) => DispatchRules | undefined;
}

export interface Quote {
  readonly lines: readonly QuotedLine[];
  /** For each line of `lines`: who can send it, best promise first. */
  readonly warehouses: readonly (readonly WarehouseId[])[];
  readonly failedLines: readonly FailedLine[];
  /** What the promises were made from. */
  readonly routes: PincodeRoutes;
  readonly dispatchRules: readonly DispatchRules[];
}

type RequestedLine = PlaceOrder['lines'][number];

const maxLines = 50;
const maxQuantity = 99;

/** Why a request is no order at all, in one sentence; `undefined` when it is one. */
export function malformed({ lines }: PlaceOrder): string | undefined {
  if (lines.length === 0) return 'an order needs at least one line';
  if (lines.length > maxLines) return `an order has at most ${maxLines} lines`;
  const skus = new Set(lines.map((line) => line.sku));
  if (skus.size < lines.length) return 'each SKU may be in one line only: add up the quantities';
  const odd = lines.find(({ quantity }) => quantity < 1 || quantity > maxQuantity);
  if (odd) return `quantity ${odd.quantity} of '${odd.sku}' must be 1 to ${maxQuantity}`;
  const currencies = new Set(lines.map((line) => line.unitPrice.currency));
  if (currencies.size > 1) return `one order has one currency, not ${[...currencies].join(', ')}`;
  return undefined;
}

export function quote(command: PlaceOrder, catalogue: Catalogue, nowMs: number): Quote {
  const basis = basisOf(command, catalogue, nowMs);
  const lines: QuotedLine[] = [];
  const warehouses: WarehouseId[][] = [];
  const failedLines: FailedLine[] = [];
  for (const requested of command.lines) {
    const { sku, quantity } = requested;
    const item = catalogue.item(itemIdOf(sku));
    if (item) {
      const promises = promisesFor(item.weightGrams * quantity, basis);
      warehouses.push(promises.map((promise) => promise.warehouseId));
      const { id: itemId, title, price: unitPrice, weightGrams } = item;
      lines.push({ sku, itemId, title, quantity, unitPrice, weightGrams });
    }
    const code = whyNot(requested, item, basis);
    if (code) failedLines.push({ sku, code, requested: quantity, available: 0 });
  }
  const rules = basis.dispatchRules.values();
  return { lines, warehouses, failedLines, routes: basis.routes, dispatchRules: [...rules] };
}

/** What every promise of one order is made from. */
interface Basis {
  readonly routes: PincodeRoutes;
  readonly dispatchRules: ReadonlyMap<WarehouseId, DispatchRules>;
  readonly inCash: boolean;
  readonly nowMs: number;
}

function basisOf(
  { address, lines, paymentMethod }: PlaceOrder,
  catalogue: Catalogue,
  nowMs: number,
) {
  const { pincode } = address;
  const known = catalogue.routes(pincode) ?? { pincode, routes: [] };
  const currency = lines[0]?.unitPrice.currency;
  // A fee in another currency could not be added up.
  const usable = known.routes.filter((route) => route.currency === currency);
  const routes = usable.length === known.routes.length ? known : { pincode, routes: usable };
  const dispatchRules = new Map<WarehouseId, DispatchRules>();
  for (const { warehouseId } of routes.routes) {
    const rules = catalogue.dispatchRules(warehouseId);
    if (rules) dispatchRules.set(warehouseId, rules);
  }
  return { routes, dispatchRules, inCash: paymentMethod === 'cash_on_delivery', nowMs };
}

function whyNot(
  { quantity, unitPrice }: RequestedLine,
  item: Item | undefined,
  basis: Basis,
): string | undefined {
  if (item === undefined) return 'unknown-item';
  const { amount, currency } = item.price;
  if (unitPrice.amount !== amount || unitPrice.currency !== currency) return 'price-changed';
  if (basis.inCash && !item.cashOnDelivery) return 'no-cash-on-delivery';
  const weightGrams = item.weightGrams * quantity;
  if (promisesFor(weightGrams, basis).length > 0) return undefined;
  const prepaid = { ...basis, inCash: false };
  const onlyPrepaid = basis.inCash && promisesFor(weightGrams, prepaid).length > 0;
  return onlyPrepaid ? 'no-cash-on-delivery' : 'undeliverable';
}

function promisesFor(weightGrams: number, basis: Basis): DeliveryPromise[] {
  const { routes, dispatchRules, nowMs, inCash } = basis;
  return rankedPromises({
    routes,
    dispatchRules: (id) => dispatchRules.get(id),
    // Which warehouse has the goods is for inventory to decide, among these.
    stocks: () => true,
    nowMs,
    weightGrams,
    cashOnDelivery: inCash,
  });
}
