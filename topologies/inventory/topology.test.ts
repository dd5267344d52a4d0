import { readFileSync } from 'node:fs';
import {
  type InventoryCommand,
  inventoryCommands,
  inventoryEvents,
  reservationOutcomes,
  stockLevels,
} from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import type { OrderId } from '#schemas/orders';
import { type CommandId, commandReplies } from '#schemas/replies';
import type { WarehouseId } from '#schemas/serviceability';
import { input, scenario, TopologyTestDriver } from '#streams/testing';
import { inventoryTopology } from './topology.ts';

const tea = 'TEA-250' as Sku;
const delhi = 'delhi' as WarehouseId;
const anna = 'order-anna' as OrderId;
const ben = 'order-ben' as OrderId;
const dayMs = 86_400_000;

const at = (command: InventoryCommand, timestampMs = 5) =>
  input(inventoryCommands, tea, command, timestampMs);
const receive = (quantity: number, commandId = 'receive-1', timestampMs = 5) =>
  at(
    {
      type: 'ReceiveStock',
      commandId: commandId as CommandId,
      warehouseId: delhi,
      quantity,
      reference: 'dock 4',
    },
    timestampMs,
  );
const reserve = (orderId: OrderId, quantity: number, timestampMs = 5) =>
  at({ type: 'ReserveStock', orderId, quantity, warehouses: [delhi] }, timestampMs);
const commit = (orderId: OrderId, timestampMs = 5) =>
  at({ type: 'CommitReservation', orderId, warehouseId: delhi }, timestampMs);

const level = (onHand: number, reserved: number, version: number, shipped = 0) => ({
  sku: tea,
  warehouses: {
    delhi: { onHand, reserved, received: onHand + shipped, adjusted: 0, shipped },
  },
  version,
  updatedAt: 5,
});
const accepted = (commandId: string, version: number) => ({
  commandId: commandId as CommandId,
  outcome: 'accepted' as const,
  version,
  code: null,
  message: null,
  details: [],
});

test('is wired as topology.txt says', () => {
  const golden = readFileSync(new URL('./topology.txt', import.meta.url), 'utf8');
  expect(inventoryTopology().describe()).toBe(golden);
});

test('answers a receipt with the version of the level that holds it', () => {
  scenario(inventoryTopology())
    .when(receive(5))
    .thenEmits(inventoryEvents, [
      { type: 'StockReceived', warehouseId: delhi, quantity: 5, reference: 'dock 4' },
    ])
    .thenEmits(stockLevels, [level(5, 0, 1)])
    .thenEmitsRecords(commandReplies, [[tea, accepted('receive-1', 1)]]);
});

test('tells the order, by its id, that its stock is reserved', () => {
  const reserved = {
    type: 'StockReserved' as const,
    sku: tea,
    orderId: anna,
    quantity: 3,
    allocations: [{ warehouseId: delhi, quantity: 3 }],
  };
  scenario(inventoryTopology())
    .given(receive(5))
    .when(reserve(anna, 3))
    .thenEmitsRecords(reservationOutcomes, [[anna, reserved]])
    .thenEmits(inventoryEvents, [reserved])
    .thenEmits(stockLevels, [level(5, 3, 2)])
    .thenEmits(commandReplies, []);
});

test('tells the order how much there was when there was not enough', () => {
  scenario(inventoryTopology())
    .given(receive(5), reserve(anna, 3))
    .when(reserve(ben, 3))
    .thenEmits(reservationOutcomes, [
      { type: 'ReservationRejected', sku: tea, orderId: ben, requested: 3, available: 2 },
    ])
    .thenEmits(stockLevels, []);
});

test('a repeated receipt changes nothing and has the same reply', () => {
  scenario(inventoryTopology())
    .given(receive(5), reserve(anna, 3))
    .when(receive(5))
    .thenEmits(inventoryEvents, [])
    .thenEmits(stockLevels, [])
    .thenEmits(commandReplies, [accepted('receive-1', 1)]);
});

test('a receipt is remembered for seven days of stream time', () => {
  scenario(inventoryTopology())
    .given(receive(5, 'receive-1', 5), receive(1, 'receive-2', 6 * dayMs))
    .when(receive(5, 'receive-1', 6 * dayMs + 1))
    .thenEmits(stockLevels, [])
    .given(receive(1, 'receive-3', 8 * dayMs))
    .when(receive(5, 'receive-1', 8 * dayMs + 1))
    .thenEmits(stockLevels, [{ ...level(12, 0, 4), updatedAt: 8 * dayMs + 1 }]);
});

test('an open reservation is never forgotten; an ended one is, after thirty days', () => {
  const driver = new TopologyTestDriver(inventoryTopology());
  const commands = driver.input(inventoryCommands);
  const pipe = ({ record }: ReturnType<typeof at>) =>
    commands.pipe(tea, record.value as InventoryCommand, { timestampMs: record.timestampMs });
  pipe(receive(5));
  pipe(reserve(anna, 1));
  pipe(reserve(ben, 1));
  pipe(commit(ben));
  pipe(receive(1, 'receive-2', 31 * dayMs));
  pipe(receive(1, 'receive-3', 32 * dayMs));

  const kept = driver.store('reservations').all();
  expect([...kept].map(({ key }) => key)).toEqual(['TEA-250|order-anna']);
  expect([...driver.store('stock-forgetting').all()]).toHaveLength(2);
});
