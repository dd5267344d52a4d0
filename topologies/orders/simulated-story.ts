/** Stories for the order tests: what everybody does, in whatever order, decided by a seed. */
import type { Order, OrderId, PaymentId } from '#schemas/orders';
import { paymentIdOf } from '#schemas/orders';
import type { ChargeId, PaymentCommand } from '#schemas/payments';
import type { CommandId } from '#schemas/replies';
import { deliveredUnits } from './order-states.ts';
import {
  anna,
  cups,
  delhi,
  type GatewayCall,
  mumbai,
  paymentDeadlineMs,
  placing,
  returnWindowMs,
  rupees,
  SimulatedShop,
  stove,
  tea,
} from './simulated-shop.ts';

export const stepsOfAStory = 350;

export const orderIds = ['order-1', 'order-2', 'order-3', 'order-4', 'order-5'] as OrderId[];

/** Numbers in [0, 1) that a seed decides. @see mulberry32 */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One run: shoppers, operators and a gateway act as the seed says. */
export class Story {
  readonly shop = new SimulatedShop();
  readonly #random: () => number;
  /** Orders whose shopper pays too late, or never. */
  readonly #slowPayers: ReadonlySet<PaymentId>;
  #acts = 0;

  constructor(seed: number) {
    this.#random = generator(seed);
    const slow = orderIds.filter(() => this.#random() < 0.2);
    this.#slowPayers = new Set(slow.map(paymentIdOf));
    for (const sku of [tea, cups, stove]) {
      this.shop.receive(sku, delhi, this.#below(5));
      this.shop.receive(sku, mumbai, this.#below(5));
    }
    this.shop.settle();
    for (const orderId of orderIds) this.#placeTwice(orderId);
  }

  /** Something happens: mostly a record is processed, sometimes somebody acts. */
  step(): void {
    const chance = this.#random();
    if (chance < 0.7) this.shop.step(this.#random(), this.#random() < 0.1);
    else if (chance < 0.79) this.#gatewayActs();
    else if (chance < 0.91) this.#operatorActs();
    else if (chance < 0.98) this.#shopperActs();
    else this.shop.passTime(this.#below(paymentDeadlineMs / 4));
  }

  /** Everything that can still happen by itself happens. */
  finish(): void {
    for (let round = 0; round < 4; round += 1) {
      this.shop.settle();
      while (this.shop.gatewayCalls.length > 0) this.#answerRefund();
      this.shop.passTime(paymentDeadlineMs + returnWindowMs + 1);
    }
    this.shop.settle();
  }

  #placeTwice(orderId: OrderId): void {
    const quantities = Object.fromEntries(
      [tea, cups, stove]
        .filter(() => this.#random() < 0.6)
        .map((sku) => [sku, 1 + this.#below(4)] as const),
    );
    const inCash = this.#random() < 0.2;
    const command = placing(quantities, inCash ? 'cash_on_delivery' : 'prepaid');
    this.shop.command(orderId, command);
    if (this.#random() < 0.3) this.shop.command(orderId, command);
  }

  #gatewayActs(): void {
    const { gatewayCalls } = this.shop;
    const at = this.#below(gatewayCalls.length);
    const call = gatewayCalls[at];
    if (call === undefined) return;
    if (call.request.type === 'RefundCharge') {
      gatewayCalls.splice(at, 1);
      this.#refundDone(call, this.#random() < 0.3);
      return;
    }
    const payment = this.shop.payments.get(call.paymentId);
    if (this.#slowPayers.has(call.paymentId) && payment?.status === 'awaiting') return;
    // The page of a charge stays open: cards are tried again, and the shop hears it in any order.
    const { amount } = call.request;
    const wrong = this.#random() < 0.1 ? rupees(amount.amount - 1) : amount;
    const kind = this.#random() < 0.15 ? 'declined' : 'captured';
    const chargeId = `charge-${call.paymentId}-${this.#below(3)}` as ChargeId;
    const event = this.#eventOf(call.paymentId, kind, chargeId, wrong);
    this.#tell(call.paymentId, event, this.#random() < 0.3);
  }

  #answerRefund(): void {
    const call = this.shop.gatewayCalls.shift();
    if (call?.request.type === 'RefundCharge') this.#refundDone(call, false);
    this.shop.settle();
  }

  #refundDone({ paymentId, request }: GatewayCall, twice: boolean): void {
    if (request.type !== 'RefundCharge') return;
    const { amount, chargeId, refundId } = request;
    const event = this.#eventOf(paymentId, 'refunded', chargeId, amount);
    this.#tell(paymentId, { ...event, refundId }, twice);
  }

  #eventOf(
    _paymentId: PaymentId,
    kind: 'captured' | 'declined' | 'refunded',
    chargeId: ChargeId,
    amount: { amount: number; currency: string },
  ) {
    const eventId = `event-${this.#acts++}`;
    const commandId = eventId as CommandId;
    const of = { kind, chargeId, amount, refundId: '', at: this.shop.nowMs };
    return { type: 'RecordGatewayEvent' as const, commandId, gateway: 'sandbox', eventId, ...of };
  }

  #tell(key: PaymentId, value: PaymentCommand, twice: boolean): void {
    this.shop.send({ to: 'payment', key, value });
    if (twice) this.shop.send({ to: 'payment', key, value });
  }

  #operatorActs(): void {
    const order = this.#anyOrder();
    const shipment = order?.shipments[this.#below(order.shipments.length)];
    if (order === undefined || shipment === undefined) return;
    const next = { reserved: 'packed', packed: 'shipped', shipped: 'delivered' } as const;
    const likely = shipment.status in next ? next[shipment.status as 'reserved'] : undefined;
    const any = (['packed', 'shipped', 'lost', 'lost'] as const)[this.#below(4)];
    const event = (this.#random() < 0.75 ? likely : any) ?? 'lost';
    const commandId = `operator-${this.#acts++}` as CommandId;
    const of = { commandId, shipmentId: shipment.id, event, at: this.shop.nowMs };
    this.shop.command(order.id, { type: 'RecordShipmentEvent', ...of });
  }

  #shopperActs(): void {
    const order = this.#anyOrder();
    const line = order?.lines[this.#below(order.lines.length)];
    if (order === undefined || line === undefined) return;
    const commandId = `shopper-${this.#acts++}` as CommandId;
    if (this.#random() < 0.15) {
      this.shop.command(order.id, { type: 'CancelOrder', commandId, by: anna, reason: 'mind' });
      return;
    }
    if (this.#random() < 0.1) {
      this.shop.command(order.id, { type: 'PaymentDue', commandId });
      return;
    }
    const left = deliveredUnits(order, line.sku) - line.returned;
    const quantity = this.#random() < 0.7 ? left : 1 + this.#below(2);
    const lines = [{ sku: line.sku, quantity }];
    this.shop.command(order.id, { type: 'ReturnLines', commandId, reason: 'dented', lines });
  }

  #anyOrder(): Order | undefined {
    const orderId = orderIds[this.#below(orderIds.length)];
    return orderId && this.shop.orders.get(orderId)?.entry?.order;
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end);
  }
}
