/** What the events of a SKU add up to, and where its level says something else. */
import { type InventoryEvent, StockLevel, type WarehouseStock } from '#schemas/inventory';
import { avro, type Decoded } from '#streams';
import type { Difference } from './suspicions.ts';

const { long, map, nullable, record } = avro;

const StockSums = record('StockSums', {
  received: long,
  adjusted: long,
  shipped: long,
  reserved: long,
});
type StockSums = Decoded<typeof StockSums>;

export const StockFacts = record('StockFacts', {
  /** By warehouse id, from the events. */
  sums: map(StockSums),
  level: nullable(StockLevel),
});
export type StockFacts = Decoded<typeof StockFacts>;

export type StockFact =
  | { readonly of: 'event'; readonly event: InventoryEvent }
  | { readonly of: 'level'; readonly level: StockLevel };

export const nothingOfStock: StockFacts = { sums: {}, level: null };

const nothing: StockSums = { received: 0, adjusted: 0, shipped: 0, reserved: 0 };

export function noteStockFact(facts: StockFacts, fact: StockFact): StockFacts {
  if (fact.of === 'level') return { ...facts, level: fact.level };
  const { event } = fact;
  switch (event.type) {
    case 'StockReceived':
      return add(facts, [event], (quantity) => ({ received: quantity }));
    case 'StockAdjusted':
      return add(facts, [{ ...event, quantity: event.delta }], (delta) => ({ adjusted: delta }));
    case 'StockReserved':
      return add(facts, event.allocations, (quantity) => ({ reserved: quantity }));
    case 'ReservationReleased':
      return add(facts, event.allocations, (quantity) => ({ reserved: -quantity }));
    case 'ReservationCommitted':
      return add(facts, [event.allocation], (quantity) => ({
        reserved: -quantity,
        shipped: quantity,
      }));
    case 'AdjustmentRefused':
    case 'ReservationRejected':
      return facts;
  }
}

function add(
  facts: StockFacts,
  moves: readonly { readonly warehouseId: string; readonly quantity: number }[],
  changeBy: (quantity: number) => Partial<StockSums>,
): StockFacts {
  const sums = new Map(Object.entries(facts.sums));
  for (const { quantity, warehouseId } of moves) {
    const before = sums.get(warehouseId) ?? nothing;
    const change = { ...nothing, ...changeBy(quantity) };
    sums.set(warehouseId, {
      received: before.received + change.received,
      adjusted: before.adjusted + change.adjusted,
      shipped: before.shipped + change.shipped,
      reserved: before.reserved + change.reserved,
    });
  }
  return { ...facts, sums: Object.fromEntries(sums) };
}

const emptyShelf: WarehouseStock = { onHand: 0, reserved: 0, received: 0, adjusted: 0, shipped: 0 };

/** Invariants 1 and 2 of the level alone, and each of its numbers against the events. */
export function stockDifferences({ level, sums }: StockFacts): Difference[] {
  const levels = new Map(Object.entries(level?.warehouses ?? {}));
  const expected = new Map(Object.entries(sums));
  const evidence = new Map<string, string>();
  for (const warehouseId of new Set([...levels.keys(), ...expected.keys()])) {
    const faults = faultsOf(levels.get(warehouseId) ?? emptyShelf, expected.get(warehouseId));
    if (faults.length > 0) evidence.set(warehouseId, faults.join('; '));
  }
  if (evidence.size === 0) return [];
  const [first] = evidence;
  return [
    {
      kind: 'stock_out_of_balance',
      message: `stock does not balance in ${evidence.size} warehouses, first '${first?.join("': ")}`,
      evidence: Object.fromEntries(evidence),
      remedy: 'count the shelf and adjust; rebuild the level from inventory.events',
    },
  ];
}

function faultsOf(stock: WarehouseStock, expected: StockSums = nothing): string[] {
  const faults: string[] = [];
  const { adjusted, onHand, received, reserved, shipped } = stock;
  if (received + adjusted !== onHand + shipped) {
    faults.push(
      `received ${received} + adjusted ${adjusted} is not on hand ${onHand} + shipped ${shipped}`,
    );
  }
  if (reserved < 0 || reserved > onHand) faults.push(`reserved ${reserved} of ${onHand} on hand`);
  for (const name of ['received', 'adjusted', 'shipped', 'reserved'] as const) {
    if (stock[name] !== expected[name]) {
      faults.push(`${name} ${stock[name]}, by the events ${expected[name]}`);
    }
  }
  return faults;
}
