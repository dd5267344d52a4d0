/** The inventory alone, on the embedded log in this process: reserve a unit, hear what was decided. */
import {
  type InventoryCommand,
  inventoryCommands,
  type ReservationOutcome,
  reservationOutcomes,
} from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import type { OrderId } from '#schemas/orders';
import type { CommandId } from '#schemas/replies';
import type { WarehouseId } from '#schemas/serviceability';
import { type Deserializer, StreamsApplication } from '#streams';
import { type EmbeddedLog, openEmbeddedLog } from '#streams/embedded';
import { topicWriter } from '../serving/topic-writer.ts';
import { inventoryTopology } from '../topologies/inventory/topology.ts';

export interface Inventory {
  receive(sku: string, units: number): Promise<void>;
  /** Resolves when the reservation is durable. @throws Error when it was refused. */
  reserve(sku: string, orderId: string): Promise<void>;
}

const pollWaitMs = 100;
const warehouse = 'pune' as WarehouseId;

export async function withInventory<T>(
  directory: string,
  measure: (inventory: Inventory) => Promise<T>,
): Promise<T> {
  const log = await openEmbeddedLog({ directory });
  const registry = log.schemaRegistry;
  const options = { applicationId: 'inventory', topology: inventoryTopology(), log, registry };
  const application = new StreamsApplication(options);
  await application.start();
  const outcomes = await listen(log);
  const writer = topicWriter({ log, registry, clock: { nowMs: Date.now } });
  const send = (sku: string, command: InventoryCommand) =>
    writer.append(inventoryCommands, [{ key: sku as Sku, value: command }]);

  try {
    return await measure({
      async receive(sku, quantity) {
        const commandId = `receive-${sku}` as CommandId;
        const to = { warehouseId: warehouse, quantity, reference: '' };
        await send(sku, { type: 'ReceiveStock', commandId, ...to });
      },
      async reserve(sku, id) {
        const orderId = id as OrderId;
        const outcome = outcomes.of(orderId);
        await send(sku, { type: 'ReserveStock', orderId, quantity: 1, warehouses: [warehouse] });
        const { type } = await outcome;
        if (type !== 'StockReserved') throw new Error(`${id} heard ${type}`);
      },
    });
  } finally {
    await outcomes.close();
    await application.close();
    await log.close();
  }
}

async function listen(log: EmbeddedLog) {
  const waiters = new Map<OrderId, (outcome: ReservationOutcome) => void>();
  const { name, key, value } = reservationOutcomes;
  const use = { topic: name, registry: log.schemaRegistry };
  const keys: Deserializer<OrderId> = (await key.forTopic?.({ ...use, part: 'key' })) ?? key;
  const values: Deserializer<ReservationOutcome> =
    (await value.forTopic?.({ ...use, part: 'value' })) ?? value;
  const { offsets } = await log.describeTopic(name);
  const reader = log.openReader();
  reader.assign(offsets.map(({ end }, partition) => ({ topic: name, partition, offset: end })));

  const state = { closing: false };
  const loop = (async () => {
    while (!state.closing) {
      for (const { records } of await reader.poll({ maxWaitMs: pollWaitMs })) {
        for (const record of records) {
          if (record.key === null || record.value === null) continue;
          waiters.get(keys.deserialize(record.key))?.(values.deserialize(record.value));
        }
      }
    }
  })();
  return {
    of: (orderId: OrderId) =>
      new Promise<ReservationOutcome>((resolve) => {
        waiters.set(orderId, (outcome) => {
          waiters.delete(orderId);
          resolve(outcome);
        });
      }),
    async close() {
      state.closing = true;
      await loop;
      await reader.close();
    },
  };
}
