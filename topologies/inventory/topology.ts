/**
 * Inventory: decides who gets the stock.
 *
 *   inventory.commands ──▶ decide-stock ──┬──▶ inventory.events
 *                             │  ▲        ├──▶ inventory.levels
 *                             ▼  │        ├──▶ inventory.reservations  (by order)
 *                      stock-levels       └──▶ commands.replies
 *                      reservations, applied-stock-commands
 */
import {
  type InventoryCommand,
  inventoryCommands,
  inventoryEvents,
  reservationOutcomes,
  StockLevel,
  stockLevels,
} from '#schemas/inventory';
import { Sku } from '#schemas/items';
import { commandReplies } from '#schemas/replies';
import {
  keyValueStore,
  type ProcessContext,
  type StreamRecord,
  StreamsBuilder,
  type Topology,
} from '#streams';
import { appliedOnceId, decideStock, reservingOrder, type StockDecision } from './decide-stock.ts';
import {
  appliedCommands,
  forgetting,
  forgetUntil,
  memoryKey,
  rememberApplied,
  rememberReservation,
  reservations,
} from './remembered.ts';
import { emptyLevel } from './stock.ts';

const levels = keyValueStore('stock-levels', { key: Sku, value: StockLevel });

const forgetEveryMs = 3_600_000;

const stores = { levels, reservations, appliedCommands, forgetting };

/** A decision, and whether it moved the level. */
interface Decided extends StockDecision {
  readonly moved: boolean;
}

type StockContext = ProcessContext<Sku, Decided, typeof stores, {}>;

export function inventoryTopology(): Topology {
  const builder = new StreamsBuilder();

  const decisions = builder.stream(inventoryCommands).process('decide-stock', {
    stores,
    process: (record, { forward, stores }: StockContext) => {
      forward({ key: record.key, value: decideOn(stores, record) });
    },
    punctuators: [
      {
        time: 'stream-time',
        everyMs: forgetEveryMs,
        punctuate: (nowMs, { stores }: StockContext) => forgetUntil(stores, nowMs),
      },
    ],
  });

  decisions.flatMapValues(({ events }) => events).to(inventoryEvents);
  decisions
    .filter(({ moved }) => moved)
    .mapValues(({ stock }) => stock.level)
    .to(stockLevels);
  decisions
    .flatMap(({ value: { outcomes } }) => outcomes.map((value) => ({ key: value.orderId, value })))
    .to(reservationOutcomes);
  decisions.flatMapValues(({ reply }) => (reply ? [reply] : [])).to(commandReplies);

  return builder.build();
}

function decideOn(
  stores: StockContext['stores'],
  { key: sku, value: command, timestampMs }: StreamRecord<Sku, InventoryCommand>,
): Decided {
  const orderId = reservingOrder(command);
  const commandId = appliedOnceId(command);
  const level = stores.levels.get(sku) ?? emptyLevel(sku);
  const reservation = orderId && stores.reservations.get(memoryKey(sku, orderId));
  const applied = commandId && stores.appliedCommands.get(memoryKey(sku, commandId));

  const decision = decideStock({ level, reservation }, applied, command, timestampMs);
  const { stock } = decision;
  const moved = stock.level !== level;
  if (moved) stores.levels.put(sku, stock.level);
  if (orderId && stock.reservation && stock.reservation !== reservation) {
    rememberReservation(stores, memoryKey(sku, orderId), stock.reservation);
  }
  if (commandId && decision.applied) {
    rememberApplied(stores, memoryKey(sku, commandId), decision.applied, timestampMs);
  }
  return { ...decision, moved };
}
