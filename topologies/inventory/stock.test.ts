/** Invariants 1 and 2 over arbitrary commands, repeats included; and how a warehouse is chosen. */
import fc from 'fast-check';
import {
  type AppliedStockCommand,
  available,
  type InventoryCommand,
  type InventoryEvent,
  type Reservation,
  type StockLevel,
} from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import type { OrderId } from '#schemas/orders';
import type { CommandId } from '#schemas/replies';
import type { WarehouseId } from '#schemas/serviceability';
import { appliedOnceId, decideStock, reservingOrder, type StockDecision } from './decide-stock.ts';
import { emptyLevel, stockOf } from './stock.ts';

const sku = 'TEA-250' as Sku;
const delhi = 'delhi' as WarehouseId;
const mumbai = 'mumbai' as WarehouseId;
const anna = 'order-anna' as OrderId;
const ben = 'order-ben' as OrderId;

/** One SKU with all that the topology's stores remember of it. */
class Shelf {
  level: StockLevel = emptyLevel(sku);
  readonly reservations = new Map<OrderId, Reservation>();
  readonly applied = new Map<CommandId, AppliedStockCommand>();
  readonly events: InventoryEvent[] = [];

  apply(command: InventoryCommand): StockDecision {
    const orderId = reservingOrder(command);
    const commandId = appliedOnceId(command);
    const reservation = orderId && this.reservations.get(orderId);
    const applied = commandId && this.applied.get(commandId);
    const stock = { level: this.level, reservation };
    const decision = decideStock(stock, applied, command, 1_000);

    this.level = decision.stock.level;
    if (orderId && decision.stock.reservation) {
      this.reservations.set(orderId, decision.stock.reservation);
    }
    if (decision.applied) this.applied.set(decision.applied.commandId, decision.applied);
    this.events.push(...decision.events);
    return decision;
  }
}

let nextId = 0;
const receive = (warehouseId: WarehouseId, quantity: number): InventoryCommand => ({
  type: 'ReceiveStock',
  commandId: `receive-${nextId++}` as CommandId,
  warehouseId,
  quantity,
  reference: 'dock',
});
const adjust = (warehouseId: WarehouseId, delta: number): InventoryCommand => ({
  type: 'AdjustStock',
  commandId: `adjust-${nextId++}` as CommandId,
  warehouseId,
  delta,
  reason: 'count',
});
const reserve = (
  orderId: OrderId,
  quantity: number,
  warehouses: readonly WarehouseId[] = [delhi, mumbai],
): InventoryCommand => ({ type: 'ReserveStock', orderId, quantity, warehouses });
const commit = (orderId: OrderId, warehouseId: WarehouseId): InventoryCommand => ({
  type: 'CommitReservation',
  orderId,
  warehouseId,
});
const release = (orderId: OrderId): InventoryCommand => ({
  type: 'ReleaseReservation',
  orderId,
  reason: 'expired',
});

function shelf(...commands: InventoryCommand[]): Shelf {
  const made = new Shelf();
  for (const command of commands) made.apply(command);
  return made;
}

const warehouse = fc.constantFrom(delhi, mumbai, 'pune' as WarehouseId, '__proto__' as WarehouseId);
const order = fc.constantFrom(anna, ben, 'order-cleo' as OrderId);
const id = (prefix: string) =>
  fc.integer({ min: 0, max: 9 }).map((n) => `${prefix}-${n}` as CommandId);
const command: fc.Arbitrary<InventoryCommand> = fc.oneof(
  fc.record({
    type: fc.constant('ReceiveStock' as const),
    commandId: id('receive'),
    warehouseId: warehouse,
    quantity: fc.integer({ min: -2, max: 12 }),
    reference: fc.constant(''),
  }),
  fc.record({
    type: fc.constant('AdjustStock' as const),
    commandId: id('adjust'),
    warehouseId: warehouse,
    delta: fc.integer({ min: -8, max: 4 }),
    reason: fc.constant(''),
  }),
  fc.record({
    type: fc.constant('ReserveStock' as const),
    orderId: order,
    quantity: fc.integer({ min: -1, max: 15 }),
    warehouses: fc.array(warehouse, { maxLength: 5 }),
  }),
  fc.record({
    type: fc.constant('CommitReservation' as const),
    orderId: order,
    warehouseId: warehouse,
  }),
  fc.record({
    type: fc.constant('ReleaseReservation' as const),
    orderId: order,
    reason: fc.constant(''),
  }),
  fc.record({
    type: fc.constant('RestockReturn' as const),
    commandId: id('return'),
    orderId: order,
    warehouseId: warehouse,
    quantity: fc.integer({ min: 0, max: 3 }),
  }),
);

function openUnits(shelf: Shelf, warehouseId: string): number {
  return [...shelf.reservations.values()]
    .flatMap((reservation) => reservation.parts)
    .filter((part) => part.state === 'open' && part.warehouseId === warehouseId)
    .reduce((sum, part) => sum + part.quantity, 0);
}

function expectBalanced(shelf: Shelf): void {
  for (const [warehouseId, stock] of Object.entries(shelf.level.warehouses)) {
    expect(stock.reserved).toBeGreaterThanOrEqual(0);
    expect(stock.onHand).toBeGreaterThanOrEqual(stock.reserved);
    expect(stock.received + stock.adjusted).toBe(stock.onHand + stock.shipped);
    expect(stock.reserved).toBe(openUnits(shelf, warehouseId));
  }
}

test('never promises more than is on hand, and stock balances, after every command', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const made = shelf();
      for (const each of commands) {
        made.apply(each);
        expectBalanced(made);
      }
    }),
    { numRuns: 500 },
  );
});

test('a repeat, however late, changes nothing and is answered as the first time', () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 40 }), fc.nat(), (commands, pick) => {
      const at = pick % commands.length;
      const made = shelf(...commands.slice(0, at));
      const repeated = commands[at] as InventoryCommand;
      const first = made.apply(repeated);
      const wasDone = first.events.length > 0;
      for (const each of commands.slice(at + 1)) made.apply(each);

      const levelBefore = made.level;
      const again = made.apply(repeated);

      // A command that could do nothing at the time (a commit without reservation) is no fact.
      if (!wasDone && first.reply === undefined) return;
      expect(again.events).toEqual([]);
      expect(made.level).toEqual(levelBefore);
      expect(again.reply).toEqual(first.reply);
      expect(again.outcomes).toEqual(first.outcomes);
    }),
    { numRuns: 500 },
  );
});

test('no unit of a reservation is both committed and released', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const made = shelf(...commands);
      for (const [orderId, reservation] of made.reservations) {
        const units = made.events.reduce((sum, event) => {
          if (!('orderId' in event) || event.orderId !== orderId) return sum;
          if (event.type === 'ReservationCommitted') return sum + event.allocation.quantity;
          if (event.type !== 'ReservationReleased') return sum;
          return event.allocations.reduce((all, part) => all + part.quantity, sum);
        }, 0);
        const open = reservation.parts
          .filter((part) => part.state === 'open')
          .reduce((sum, part) => sum + part.quantity, 0);
        const reserved = reservation.status === 'reserved' ? reservation.requested : 0;
        expect(units + open).toBe(reserved);
      }
    }),
  );
});

test('takes all from the first warehouse in rank order that has it all', () => {
  const made = shelf(receive(delhi, 2), receive(mumbai, 5));
  expect(made.apply(reserve(anna, 3, [delhi, mumbai])).outcomes).toEqual([
    {
      type: 'StockReserved',
      sku,
      orderId: anna,
      quantity: 3,
      allocations: [{ warehouseId: mumbai, quantity: 3 }],
    },
  ]);
});

test('splits in rank order when no warehouse has it all', () => {
  const made = shelf(receive(delhi, 2), receive(mumbai, 5));
  expect(made.apply(reserve(anna, 6, [mumbai, delhi, mumbai])).outcomes).toMatchObject([
    {
      allocations: [
        { warehouseId: mumbai, quantity: 5 },
        { warehouseId: delhi, quantity: 1 },
      ],
    },
  ]);
});

test('rejects what the warehouses asked do not have, and says what they have', () => {
  const made = shelf(receive(delhi, 2), receive(mumbai, 5), reserve(ben, 1, [delhi]));
  expect(made.apply(reserve(anna, 2, [delhi])).outcomes).toEqual([
    { type: 'ReservationRejected', sku, orderId: anna, requested: 2, available: 1 },
  ]);
});

test('a rejected order stays rejected when stock arrives and its command comes again', () => {
  const made = shelf(receive(delhi, 1), reserve(anna, 2), receive(delhi, 9));
  expect(made.apply(reserve(anna, 2)).outcomes).toEqual([
    { type: 'ReservationRejected', sku, orderId: anna, requested: 2, available: 1 },
  ]);
  expect(stockOf(made.level, delhi)).toMatchObject({ onHand: 10, reserved: 0 });
});

test('commits one warehouse of a split reservation and releases the rest', () => {
  const made = shelf(receive(delhi, 2), receive(mumbai, 5), reserve(anna, 7));
  made.apply(commit(anna, mumbai));
  expect(made.apply(release(anna)).outcomes).toMatchObject([
    { type: 'ReservationReleased', allocations: [{ warehouseId: delhi, quantity: 2 }] },
  ]);
  expect(stockOf(made.level, mumbai)).toMatchObject({ onHand: 0, reserved: 0, shipped: 5 });
  expect(stockOf(made.level, delhi)).toMatchObject({ onHand: 2, reserved: 0, shipped: 0 });
});

test('a release that comes before its reservation leaves nothing open', () => {
  const made = shelf(receive(delhi, 5), release(anna));
  expect(made.apply(reserve(anna, 3)).outcomes).toEqual([
    { type: 'ReservationRejected', sku, orderId: anna, requested: 3, available: 0 },
  ]);
  expect(available(stockOf(made.level, delhi))).toBe(5);
});

test('refuses to adjust below what is reserved, and says why', () => {
  const made = shelf(receive(delhi, 5), reserve(anna, 3));
  const { events, reply } = made.apply(adjust(delhi, -3));
  expect(events).toMatchObject([{ type: 'AdjustmentRefused', onHand: 5, reserved: 3 }]);
  expect(reply).toMatchObject({
    outcome: 'rejected',
    code: 'stock-below-reserved',
    message: '5 on hand, 3 of them reserved: cannot change by -3',
  });
});

test.each`
  name                       | refused
  ${'a receipt of nothing'}  | ${receive(delhi, 0)}
  ${'a negative receipt'}    | ${receive(delhi, -4)}
  ${'a receipt beyond int'}  | ${receive(delhi, 2_147_483_647)}
  ${'an adjustment of zero'} | ${adjust(delhi, 0)}
`('refuses $name', ({ refused }) => {
  const made = shelf(receive(delhi, 1));
  expect(made.apply(refused).reply).toMatchObject({ code: 'invalid-quantity' });
  expect(stockOf(made.level, delhi).onHand).toBe(1);
});

test('goods that were returned count as received, once', () => {
  const restock: InventoryCommand = {
    type: 'RestockReturn',
    commandId: 'return-1' as CommandId,
    orderId: anna,
    warehouseId: delhi,
    quantity: 1,
  };
  const made = shelf(receive(delhi, 2), reserve(anna, 2), commit(anna, delhi), restock, restock);
  expect(stockOf(made.level, delhi)).toMatchObject({ onHand: 1, received: 3, shipped: 2 });
});
