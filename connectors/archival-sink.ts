/**
 * The history of orders: writes ended orders into the history view and then tells their deciders,
 * which take them out of the live view. In this order, so that an order is never in neither.
 */
import { type Order, type OrderId, orderCommands } from '#schemas/orders';
import type { CommandId } from '#schemas/replies';
import type { Log, ProducedRecord, SchemaRegistry, Serde } from '#streams';
import type { Timing } from './timing.ts';
import type { ChangeBatch, Position, ViewWriter } from './views/view.ts';

export interface ArchivalOptions {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  /** Where the orders go. */
  readonly history: ViewWriter<OrderId, Order>;
  /** Keeps no rows: how far the orders have been confirmed. */
  readonly confirmations: ViewWriter<OrderId, Order>;
  readonly timing: Pick<Timing, 'nowMs'>;
}

/**
 * A writer for the topic `archival.orders`. A crash between its steps repeats a confirmation, whose
 * command id is that of the first: the decider has done it before. So does a rebuild of the history.
 */
export async function archivalWriter(
  options: ArchivalOptions,
): Promise<ViewWriter<OrderId, Order>> {
  const { log, registry, history, confirmations, timing } = options;
  const key = await bound(orderCommands.key, 'key', registry);
  const value = await bound(orderCommands.value, 'value', registry);

  const confirmationOf = (id: OrderId, { version }: Order): ProducedRecord => ({
    topic: orderCommands.name,
    key: key.serialize(id),
    value: value.serialize({
      type: 'ConfirmArchived',
      commandId: confirmationId(id, version),
      version,
    }),
    timestampMs: timing.nowMs(),
    headers: [],
  });

  return {
    name: history.name,
    positions: async () => lower(await history.positions(), await confirmations.positions()),
    apply: async (batches) => {
      await history.apply(batches);
      const unconfirmed = await unseenBy(confirmations, batches);
      const records = unconfirmed.flatMap(({ changes }) =>
        changes.flatMap(({ key: id, value: order }) =>
          order === null ? [] : [confirmationOf(id, order)],
        ),
      );
      if (records.length > 0) await log.append(records);
      await confirmations.apply(batches);
    },
  };
}

/** The same for the same order and version, however often it is confirmed. */
export function confirmationId(id: OrderId, version: number): CommandId {
  return `archived:${id}:${version}` as CommandId;
}

function bound<T>(
  serde: Serde<T>,
  part: 'key' | 'value',
  registry: SchemaRegistry,
): Promise<Serde<T>> {
  const topic = orderCommands.name;
  return serde.forTopic?.({ topic, part, registry }) ?? Promise.resolve(serde);
}

/** The batches without the changes that a writer has seen. */
async function unseenBy<K, V>(
  writer: ViewWriter<K, V>,
  batches: readonly ChangeBatch<K, V>[],
): Promise<readonly ChangeBatch<K, V>[]> {
  const positions = await writer.positions();
  return batches.map((batch) => {
    const position = positions.find((known) => isSamePartition(known, batch));
    const changes = batch.changes.filter(({ offset }) => offset >= (position?.nextOffset ?? 0n));
    return { ...batch, changes };
  });
}

/** Where both have to read on: a partition that one of them has not begun is left out. */
function lower(some: readonly Position[], others: readonly Position[]): Position[] {
  return some.flatMap((position) => {
    const other = others.find((known) => isSamePartition(known, position));
    if (other === undefined) return [];
    return [position.nextOffset < other.nextOffset ? position : other];
  });
}

function isSamePartition(
  a: { readonly topic: string; readonly partition: number },
  b: { readonly topic: string; readonly partition: number },
): boolean {
  return a.topic === b.topic && a.partition === b.partition;
}
