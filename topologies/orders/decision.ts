/**
 * One decision on one order: opened on what is remembered, changed by a rule, closed into what to
 * remember and what to tell others. Status changes, versions, the timeline and the events that
 * belong to them are made here, so that no rule can forget one.
 */
import type { CartCommand } from '#schemas/carts';
import type { InventoryCommand } from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import type { OrderEntry, OrderTimer } from '#schemas/order-entry';
import type { Order, OrderEvent, OrderId, OrderStatus } from '#schemas/orders';
import type { PaymentCommand } from '#schemas/payments';
import type { CommandId, CommandReply } from '#schemas/replies';
import type { UserId } from '#schemas/users';
import { canMove, firstStatuses } from './order-states.ts';

/** What a decision tells others. */
export type OrderEffect =
  | { readonly to: 'state'; readonly order: Order | undefined }
  | { readonly to: 'event'; readonly event: OrderEvent }
  | { readonly to: 'reply'; readonly reply: CommandReply }
  | { readonly to: 'inventory'; readonly sku: Sku; readonly command: InventoryCommand }
  | { readonly to: 'payment'; readonly command: PaymentCommand }
  | { readonly to: 'cart'; readonly userId: UserId; readonly command: CartCommand }
  | { readonly to: 'timer'; readonly timer: OrderTimer };

export interface Decided {
  /** `undefined`: nothing is remembered of the order. */
  readonly entry: OrderEntry | undefined;
  readonly effects: readonly OrderEffect[];
}

/** Refusals that are remembered; older ones are decided again, which changes nothing either. */
const rememberedRefusals = 20;

export class Decision {
  /** The order as it is becoming. */
  order: Order;
  entry: Omit<OrderEntry, 'order'>;
  readonly #remembered: OrderEntry;
  readonly #before: Order | undefined;
  readonly #atMs: number;
  readonly #told: OrderEffect[] = [];
  readonly #accepted: CommandId[] = [];

  private constructor(order: Order, entry: OrderEntry, before: Order | undefined, atMs: number) {
    this.order = order;
    this.entry = entry;
    this.#remembered = entry;
    this.#before = before;
    // A record may be older than the one before it; the order's own time never goes back.
    this.#atMs = Math.max(atMs, order.updatedAt);
  }

  static on(entry: OrderEntry, atMs: number): Decision {
    return new Decision(entry.order, entry, entry.order, atMs);
  }

  static onNew(order: Order, atMs: number): Decision {
    const answers = { placing: [], placed: null, replies: [] };
    const money = { refundsRequested: 0, moneyCounted: [] };
    return new Decision(order, { order, pending: null, ...answers, ...money }, undefined, atMs);
  }

  get orderId(): OrderId {
    return this.order.id;
  }

  get atMs(): number {
    return this.#atMs;
  }

  change(change: Partial<Order>): void {
    this.order = { ...this.order, ...change };
  }

  remember(change: Partial<Omit<OrderEntry, 'order'>>): void {
    this.entry = { ...this.entry, ...change };
  }

  tell(...effects: OrderEffect[]): void {
    this.#told.push(...effects);
  }

  /** Accepts a command: its reply carries the version that holds the effect. */
  accept(commandId: CommandId): void {
    this.#accepted.push(commandId);
  }

  refuse(commandId: CommandId, code: string, message: string): void {
    const reply = refusal(commandId, code, message, this.order.version);
    this.tell({ to: 'reply', reply });
    this.remember({ replies: withReply(this.entry.replies, reply) });
  }

  close(): Decided {
    const changed = this.order !== this.#before;
    const order = changed ? this.#nextVersion() : this.order;
    const effects: OrderEffect[] = [];
    if (changed) {
      if (order.status !== this.#before?.status) {
        effects.push({ to: 'event', event: eventOf(order, this.#before, this.#atMs) });
      }
      effects.push({ to: 'state', order });
    }
    effects.push(...this.#told);
    for (const commandId of this.#accepted) {
      const reply = acceptance(commandId, order.version);
      effects.push({ to: 'reply', reply });
      this.remember({ replies: withReply(this.entry.replies, reply) });
    }
    const isSame = !changed && this.entry === this.#remembered;
    return { entry: isSame ? this.#remembered : { ...this.entry, order }, effects };
  }

  #nextVersion(): Order {
    const { order } = this;
    const at = this.#atMs;
    const before = this.#before?.status;
    checkMove(order.id, before, order.status);
    const timeline =
      order.status === before ? order.timeline : [...order.timeline, { status: order.status, at }];
    return { ...order, timeline, version: order.version + 1, updatedAt: at };
  }
}

/** A rule that moves an order where the table has no way is a bug: the record is dead-lettered. */
function checkMove(id: OrderId, from: OrderStatus | undefined, to: OrderStatus): void {
  if (from === to) return;
  const allowed = from === undefined ? firstStatuses.includes(to) : canMove(from, to);
  if (!allowed) throw new Error(`order '${id}' cannot go from '${from ?? 'nothing'}' to '${to}'`);
}

function eventOf(order: Order, before: Order | undefined, at: number): OrderEvent {
  const { id: orderId, userId, status, total, version } = order;
  const skus = order.lines.map((line) => line.sku);
  return { orderId, userId, status, before: before?.status ?? null, total, skus, at, version };
}

export function acceptance(commandId: CommandId, version: number): CommandReply {
  const accepted = { code: null, message: null, details: [] };
  return { commandId, outcome: 'accepted', version, ...accepted };
}

export function refusal(
  commandId: CommandId,
  code: string,
  message: string,
  version: number,
  details: CommandReply['details'] = [],
): CommandReply {
  return { commandId, outcome: 'rejected', version, code, message, details };
}

/**
 * Every acceptance is remembered: done again it would act again, and a state machine accepts few.
 * Of the refusals, which anyone can cause without end, only the latest.
 */
function withReply(replies: readonly CommandReply[], reply: CommandReply): readonly CommandReply[] {
  const all = [...replies, reply];
  const refusals = all.filter(({ outcome }) => outcome === 'rejected');
  const forgotten = new Set(refusals.slice(0, -rememberedRefusals));
  return forgotten.size === 0 ? all : all.filter((each) => !forgotten.has(each));
}
