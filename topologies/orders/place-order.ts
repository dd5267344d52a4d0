/** Taking an order: quoted at once, decided when every reservation has its outcome. */
import type { ReservationOutcome } from '#schemas/inventory';
import type { Money } from '#schemas/money';
import type { OrderEntry, PendingReservations, QuotedLine } from '#schemas/order-entry';
import {
  type FailedLine,
  type Order,
  type OrderId,
  type OrderPayment,
  type PlaceOrder,
  paymentIdOf,
} from '#schemas/orders';
import type { CommandId, CommandReply } from '#schemas/replies';
import { acceptance, type Decided, Decision, refusal } from './decision.ts';
import { type Catalogue, malformed, type Quote, quote } from './quote.ts';
import { shipmentsOf } from './sourcing.ts';

/** An order of nothing has to be of nothing in some currency. */
const currencyOfNothing = 'INR';

export function placeOrder(
  orderId: OrderId,
  command: PlaceOrder,
  catalogue: Catalogue,
  atMs: number,
): Decided {
  const reason = malformed(command);
  const quoted = reason === undefined ? quote(command, catalogue, atMs) : undefined;
  const decision = Decision.onNew(newOrder(orderId, command, quoted?.lines ?? [], atMs), atMs);
  decision.remember({ placing: [command.commandId] });

  if (quoted === undefined) {
    decision.change({ status: 'rejected' });
    answer(decision, (id) => refusal(id, 'invalid-order', reason ?? '', 1));
  } else if (quoted.failedLines.length > 0) {
    reject(decision, quoted.failedLines);
  } else {
    askForStock(decision, quoted);
  }
  return decision.close();
}

/** The same order is asked for again, perhaps under another command id: the same answer. */
export function placeAgain(entry: OrderEntry, command: PlaceOrder, atMs: number): Decided {
  const decision = Decision.on(entry, atMs);
  const { commandId, userId } = command;
  if (userId !== entry.order.userId) {
    const reply = refusal(commandId, 'order-id-taken', 'another order has this id', 0);
    decision.tell({ to: 'reply', reply });
  } else if (entry.placed !== null) {
    decision.tell({ to: 'reply', reply: { ...entry.placed, commandId } });
  } else if (!entry.placing.includes(commandId)) {
    decision.remember({ placing: [...entry.placing, commandId] });
  }
  return decision.close();
}

/** One line's reservation is decided; the last one decides the order. */
export function takeReservation(
  entry: OrderEntry,
  outcome: ReservationOutcome,
  atMs: number,
  paymentDeadlineMs: number,
): Decided {
  const { pending } = entry;
  const decision = Decision.on(entry, atMs);
  const isAnswer = outcome.type === 'StockReserved' || outcome.type === 'ReservationRejected';
  const isNew = pending?.outcomes.every((known) => known.sku !== outcome.sku);
  if (pending === null || !isAnswer || !isNew) return decision.close();

  const outcomes = [...pending.outcomes, outcome];
  const complete = pending.lines.every((line) => outcomes.some(({ sku }) => sku === line.sku));
  if (!complete) {
    decision.remember({ pending: { ...pending, outcomes } });
    return decision.close();
  }
  decision.remember({ pending: null });
  const failedLines = outcomes.flatMap(failedLineOf);
  if (failedLines.length > 0) {
    releaseReserved(decision, outcomes);
    reject(decision, failedLines);
  } else {
    acceptOrder(decision, { ...pending, outcomes }, paymentDeadlineMs);
  }
  return decision.close();
}

function newOrder(
  id: OrderId,
  { userId, address, paymentMethod, lines: requested }: PlaceOrder,
  quotedLines: readonly QuotedLine[],
  atMs: number,
): Order {
  const currency = requested[0]?.unitPrice.currency ?? currencyOfNothing;
  const money = (amount: number): Money => ({ amount, currency });
  const lines = quotedLines
    .filter((line) => line.unitPrice.currency === currency)
    .map(({ sku, itemId, title, quantity, unitPrice }) => {
      const lineTotal = money(unitPrice.amount * quantity);
      return { sku, itemId, title, quantity, unitPrice, lineTotal, returned: 0 };
    });
  const itemsTotal = money(lines.reduce((sum, line) => sum + line.lineTotal.amount, 0));
  const payment: OrderPayment = {
    id: paymentIdOf(id),
    status: 'not_needed',
    expiresAt: null,
    captured: money(0),
    refunded: money(0),
  };
  return {
    id,
    userId,
    status: 'reserving',
    lines,
    shipments: [],
    address,
    paymentMethod,
    payment,
    itemsTotal,
    deliveryFee: money(0),
    total: itemsTotal,
    failedLines: [],
    timeline: [],
    cancelReason: null,
    version: 0,
    createdAt: atMs,
    updatedAt: atMs,
  };
}

function askForStock(decision: Decision, quoted: Quote): void {
  const { lines, routes, dispatchRules } = quoted;
  const pending = { lines, routes, dispatchRules, orderedAt: decision.atMs, outcomes: [] };
  decision.remember({ pending });
  lines.forEach(({ sku, quantity }, index) => {
    const warehouses = quoted.warehouses[index] ?? [];
    const { orderId } = decision;
    decision.tell({
      to: 'inventory',
      sku,
      command: { type: 'ReserveStock', orderId, quantity, warehouses },
    });
  });
}

function acceptOrder(
  decision: Decision,
  pending: PendingReservations,
  paymentDeadlineMs: number,
): void {
  const { order, orderId } = decision;
  const shipments = shipmentsOf(orderId, pending, order.paymentMethod);
  const fee = shipments.reduce((sum, shipment) => sum + shipment.fee.amount, 0);
  const deliveryFee = { ...order.itemsTotal, amount: fee };
  const total = { ...order.itemsTotal, amount: order.itemsTotal.amount + fee };
  decision.change({ shipments, deliveryFee, total });

  // A gateway cannot charge nothing.
  if (order.paymentMethod === 'cash_on_delivery' || total.amount === 0) {
    decision.change({ status: 'placed' });
  } else {
    awaitPayment(decision, total, paymentDeadlineMs);
  }
  answer(decision, (id) => acceptance(id, order.version + 1));
  takeFromCart(decision);
}

function awaitPayment(decision: Decision, amount: Money, paymentDeadlineMs: number): void {
  const { order, orderId } = decision;
  const expiresAt = decision.atMs + paymentDeadlineMs;
  const payment = { ...order.payment, status: 'awaiting' as const, expiresAt };
  decision.change({ status: 'awaiting_payment', payment });
  const { userId } = order;
  decision.tell(
    { to: 'payment', command: { type: 'RequestPayment', orderId, userId, amount, expiresAt } },
    { to: 'timer', timer: { orderId, kind: 'payment_due', dueMs: expiresAt } },
  );
}

/** Only now: a rejected order leaves the cart as it is. */
function takeFromCart(decision: Decision): void {
  const { orderId, order } = decision;
  const lines = order.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  const commandId = `${orderId}-ordered` as CommandId;
  const command = { type: 'RemoveOrdered' as const, commandId, orderId, lines };
  decision.tell({ to: 'cart', userId: order.userId, command });
}

function releaseReserved(decision: Decision, outcomes: readonly ReservationOutcome[]): void {
  const { orderId } = decision;
  for (const { type, sku } of outcomes) {
    if (type !== 'StockReserved') continue;
    const reason = 'another line is out of stock';
    decision.tell({
      to: 'inventory',
      sku,
      command: { type: 'ReleaseReservation', orderId, reason },
    });
  }
}

function failedLineOf(outcome: ReservationOutcome): FailedLine[] {
  if (outcome.type !== 'ReservationRejected') return [];
  const { sku, requested, available } = outcome;
  return [{ sku, code: 'out-of-stock', requested, available }];
}

function reject(decision: Decision, failedLines: readonly FailedLine[]): void {
  const code = failedLines[0]?.code ?? 'out-of-stock';
  const message = `${failedLines.length} of the order's lines cannot be had: ${failedLines
    .map((line) => `'${line.sku}' ${line.code}`)
    .join(', ')}`;
  const details = failedLines.map(({ sku, code, requested, available }) => ({
    sku,
    code,
    requested: String(requested),
    available: String(available),
  }));
  decision.change({ status: 'rejected', failedLines });
  const version = decision.order.version + 1;
  answer(decision, (id) => refusal(id, code, message, version, details));
}

/** Answers everybody who waits for the order to be decided, and keeps the answer for repeats. */
function answer(decision: Decision, replyTo: (commandId: CommandId) => CommandReply): void {
  const { placing } = decision.entry;
  const first = placing[0];
  if (first === undefined) return;
  decision.tell(...placing.map((id) => ({ to: 'reply' as const, reply: replyTo(id) })));
  decision.remember({ placing: [], placed: replyTo(first) });
}
