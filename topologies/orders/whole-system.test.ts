/**
 * Orders, inventory, payments, archival and reconciliation on their topics, as bytes: what one
 * writes, the others read.
 */
import {
  inventoryCommands,
  inventoryEvents,
  reservationOutcomes,
  stockLevels,
} from '#schemas/inventory';
import { items } from '#schemas/items';
import type { OrderEntry } from '#schemas/order-entry';
import {
  archivedOrders,
  type OrderCommand,
  type OrderId,
  orderCommands,
  orders,
  paymentIdOf,
} from '#schemas/orders';
import {
  type ChargeId,
  type GatewayRequest,
  gatewayRequests,
  paymentCommands,
  paymentOutcomes,
  payments,
} from '#schemas/payments';
import { findings } from '#schemas/reconciliation';
import type { CommandId } from '#schemas/replies';
import { dispatchRules, pincodeRoutes } from '#schemas/serviceability';
import type { Topic } from '#streams';
import { TopologyTestDriver } from '#streams/testing';
import { archivalTopology } from '../archival/topology.ts';
import { inventoryTopology } from '../inventory/topology.ts';
import { paymentsTopology } from '../payments/topology.ts';
import { reconciliationTopology } from '../reconciliation/topology.ts';
import {
  anna,
  bangalore,
  cups,
  delhi,
  dispatchRulesOf,
  itemsForSale,
  mondayMs,
  mumbai,
  placing,
  routesToBangalore,
  rupees,
  tea,
} from './simulated-shop.ts';
import { ordersTopology } from './topology.ts';

const paymentDeadlineMs = 60_000;
const returnWindowMs = 120_000;
const archiveAfterMs = 600_000;
const options = { startMs: mondayMs, partitions: 3 };
const first = 'order-1' as OrderId;

/** A topic, who writes it, and who reads it. */
interface Pipe {
  readonly topic: Topic<never, never>;
  readonly from: TopologyTestDriver;
  readonly to: readonly TopologyTestDriver[];
}

class Platform {
  readonly orders = new TopologyTestDriver(
    ordersTopology({ paymentDeadlineMs, returnWindowMs }),
    options,
  );
  readonly inventory = new TopologyTestDriver(inventoryTopology(), options);
  readonly payments = new TopologyTestDriver(paymentsTopology(), options);
  readonly archival = new TopologyTestDriver(archivalTopology({ archiveAfterMs }), options);
  readonly reconciliation = new TopologyTestDriver(reconciliationTopology(), options);
  readonly #pipes: readonly Pipe[] = [
    { topic: inventoryCommands, from: this.orders, to: [this.inventory] },
    { topic: paymentCommands, from: this.orders, to: [this.payments] },
    { topic: orders, from: this.orders, to: [this.archival, this.reconciliation] },
    { topic: reservationOutcomes, from: this.inventory, to: [this.orders, this.reconciliation] },
    { topic: inventoryEvents, from: this.inventory, to: [this.reconciliation] },
    { topic: stockLevels, from: this.inventory, to: [this.reconciliation] },
    { topic: paymentOutcomes, from: this.payments, to: [this.orders] },
    { topic: payments, from: this.payments, to: [this.reconciliation] },
    { topic: archivedOrders, from: this.archival, to: [this.reconciliation] },
  ].map(({ from, to, topic }) => ({ from, to, topic: topic as unknown as Topic<never, never> }));
  readonly #requests: (GatewayRequest | undefined)[] = [];
  #nextId = 0;

  constructor() {
    for (const item of itemsForSale) this.orders.input(items).pipe(item.id, item);
    this.orders.input(pincodeRoutes).pipe(bangalore, routesToBangalore);
    for (const id of [delhi, mumbai])
      this.orders.input(dispatchRules).pipe(id, dispatchRulesOf(id));
    for (const sku of [tea, cups]) {
      for (const [warehouseId, quantity] of [[mumbai, 5] as const, [delhi, 3] as const]) {
        const of = { commandId: this.#id(), warehouseId, quantity, reference: '' };
        this.inventory.input(inventoryCommands).pipe(sku, { type: 'ReceiveStock', ...of });
      }
    }
    this.settle();
  }

  /** Carries records until nobody writes any more. */
  settle(): void {
    for (let moved = 1; moved > 0; ) {
      moved = 0;
      for (const { from, to, topic } of this.#pipes) {
        for (const { key, timestampMs, value } of from.output(topic).records()) {
          for (const driver of to) driver.input(topic).pipe(key, value, { timestampMs });
          moved += 1;
        }
      }
    }
    for (const driver of this.#all()) expect(driver.deadLetters()).toEqual([]);
  }

  passTime(ms: number): void {
    for (const driver of this.#all()) driver.advanceWallClock(ms);
    this.settle();
  }

  command(orderId: OrderId, command: OrderCommand): void {
    this.orders.input(orderCommands).pipe(orderId, command);
    this.settle();
  }

  gateway(orderId: OrderId, kind: 'captured' | 'refunded', charge: string, refundId = ''): void {
    const amount =
      this.requests.find((asked) => 'refundId' in asked && asked.refundId === refundId)?.amount ??
      this.orderOf(orderId)?.total ??
      rupees(0);
    const commandId = this.#id();
    const ids = {
      commandId,
      eventId: `event-${commandId}`,
      chargeId: charge as ChargeId,
      refundId,
    };
    const of = { gateway: 'sandbox', kind, amount, at: this.payments.nowMs };
    const event = { type: 'RecordGatewayEvent' as const, ...ids, ...of };
    for (const _ of ['once', 'again']) {
      this.payments.input(paymentCommands).pipe(paymentIdOf(orderId), event);
    }
    this.settle();
  }

  /** The gateway makes every refund that it was asked for. */
  refundAll(orderId: OrderId): void {
    for (const asked of this.requests) {
      if (asked.type !== 'RefundCharge') continue;
      this.gateway(orderId, 'refunded', asked.chargeId, asked.refundId);
    }
  }

  ship(orderId: OrderId, ...events: ('packed' | 'shipped' | 'delivered')[]): void {
    for (const event of events) {
      for (const { id: shipmentId } of this.orderOf(orderId)?.shipments ?? []) {
        const of = { commandId: this.#id(), shipmentId, event, at: this.orders.nowMs };
        this.command(orderId, { type: 'RecordShipmentEvent', ...of });
      }
    }
  }

  get requests() {
    this.#requests.push(...this.payments.output(gatewayRequests).values());
    return this.#requests.filter((asked) => asked !== undefined);
  }

  orderOf(orderId: OrderId) {
    const rows = [...this.orders.store('order-entries').all()];
    const row = rows.find(({ key }) => key === orderId)?.value;
    return (row as OrderEntry | undefined)?.order;
  }

  #all(): TopologyTestDriver[] {
    return [this.orders, this.inventory, this.payments, this.archival, this.reconciliation];
  }

  #id(): CommandId {
    this.#nextId += 1;
    return `command-${this.#nextId}` as CommandId;
  }
}

function findingsOf(platform: Platform) {
  platform.passTime(120_000);
  return platform.reconciliation.output(findings).values();
}

test('an order goes all its way: split, paid twice, shipped, half returned, archived', () => {
  const platform = new Platform();
  platform.command(first, placing({ [tea]: 7, [cups]: 1 }));
  platform.gateway(first, 'captured', 'charge-1');
  platform.gateway(first, 'captured', 'charge-2');
  platform.ship(first, 'packed', 'shipped', 'delivered');
  const lines = [{ sku: tea, quantity: 6 }];
  const commandId = 'return-1' as CommandId;
  platform.command(first, { type: 'ReturnLines', commandId, reason: 'dented', lines });
  platform.refundAll(first);

  const { total } = platform.orderOf(first) ?? { total: rupees(0) };
  expect(platform.orderOf(first)).toMatchObject({
    status: 'partly_returned',
    payment: {
      status: 'captured',
      captured: rupees(2 * total.amount),
      refunded: rupees(total.amount + 60_000),
    },
  });
  platform.passTime(returnWindowMs);
  expect(platform.orderOf(first)?.status).toBe('completed');

  platform.passTime(archiveAfterMs);
  const version = platform.orderOf(first)?.version ?? 0;
  const archived = { commandId: 'confirm' as CommandId, version };
  platform.command(first, { type: 'ConfirmArchived', ...archived });
  expect(platform.orderOf(first)).toBeUndefined();
  expect(findingsOf(platform)).toEqual([]);
});

test('an order that expires and is paid late ends with its stock and the money back', () => {
  const platform = new Platform();
  platform.command(first, placing({ [tea]: 7 }));
  platform.passTime(paymentDeadlineMs);
  platform.gateway(first, 'captured', 'charge-1');
  platform.refundAll(first);

  const order = platform.orderOf(first);
  expect(order).toMatchObject({
    status: 'expired',
    payment: { status: 'refunded', captured: order?.total, refunded: order?.total },
  });
  const again = 'order-2' as OrderId;
  platform.command(again, placing({ [tea]: 8 }));
  expect(platform.orderOf(again)?.status).toBe('awaiting_payment');
  const cancel = { commandId: 'cancel' as CommandId, by: anna, reason: 'mind' };
  platform.command(again, { type: 'CancelOrder', ...cancel });
  expect(findingsOf(platform)).toEqual([]);
});

test('fifty buyers of twenty units: twenty orders, thirty refusals, nothing left to promise', () => {
  const platform = new Platform();
  const of = { commandId: 'receive-20' as CommandId, warehouseId: mumbai, quantity: 12 };
  const receipt = { type: 'ReceiveStock' as const, ...of, reference: '' };
  platform.inventory.input(inventoryCommands).pipe(tea, receipt);
  for (let buyer = 0; buyer < 50; buyer += 1) {
    platform.orders.input(orderCommands).pipe(`order-${buyer}` as OrderId, placing({ [tea]: 1 }));
  }
  platform.settle();
  const statuses = Array.from({ length: 50 }, (_, buyer) => {
    return platform.orderOf(`order-${buyer}` as OrderId)?.status;
  });
  expect(statuses.filter((status) => status === 'awaiting_payment')).toHaveLength(20);
  expect(statuses.filter((status) => status === 'rejected')).toHaveLength(30);
  expect(findingsOf(platform).filter((found) => found?.kind === 'stock_out_of_balance')).toEqual(
    [],
  );
});
