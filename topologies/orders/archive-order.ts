/** An order leaves the live state once it is safe in the history as it is. */
import type { ArchivedOrder, OrderEntry } from '#schemas/order-entry';
import { isSettled, type OrderCommand } from '#schemas/orders';
import type { CommandReply } from '#schemas/replies';
import { acceptance, type Decided, Decision, refusal } from './decision.ts';

type ConfirmArchived = Extract<OrderCommand, { type: 'ConfirmArchived' }>;

export interface Archiving extends Decided {
  /** Set when the order has left: its entry goes, this stays. */
  readonly archived: ArchivedOrder | undefined;
}

export function confirmArchived(
  entry: OrderEntry,
  { commandId, version }: ConfirmArchived,
  atMs: number,
): Archiving {
  const { order } = entry;
  if (isSettled(order) && version === order.version) {
    const reply = acceptance(commandId, version);
    return {
      entry: undefined,
      effects: [
        { to: 'state', order: undefined },
        { to: 'reply', reply },
      ],
      archived: { version, archivedAt: atMs },
    };
  }
  const decision = Decision.on(entry, atMs);
  const message = isSettled(order)
    ? `the history has version ${version}, the order is at ${order.version}: archive it again`
    : `the order is ${order.status}, its payment ${order.payment.status}: it is not at its end`;
  decision.refuse(commandId, isSettled(order) ? 'order-changed' : 'order-not-final', message);
  return { ...decision.close(), archived: undefined };
}

/** Answers every command on an order that has left; a repeated confirmation is still right. */
export function replyOfArchived(archived: ArchivedOrder, command: OrderCommand): CommandReply {
  const { commandId } = command;
  if (command.type === 'ConfirmArchived' && command.version === archived.version) {
    return acceptance(commandId, archived.version);
  }
  const message = 'the order has ended and is in the history: nothing can change it';
  return refusal(commandId, 'order-archived', message, archived.version);
}
