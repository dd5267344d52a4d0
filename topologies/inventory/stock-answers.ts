/** What is answered to a command on stock, the first time and every time after. */
import type {
  InventoryCommand,
  InventoryEvent,
  Reservation,
  ReservationOutcome,
} from '#schemas/inventory';
import type { CommandId, CommandReply } from '#schemas/replies';

export function isReservationOutcome(event: InventoryEvent): event is ReservationOutcome {
  switch (event.type) {
    case 'StockReserved':
    case 'ReservationRejected':
    case 'ReservationCommitted':
    case 'ReservationReleased':
      return true;
    case 'StockReceived':
    case 'StockAdjusted':
    case 'AdjustmentRefused':
      return false;
  }
}

/** The outcome of a command that has been done before, as it was told then; else `undefined`. */
export function repeatedOutcome(
  reservation: Reservation,
  command: InventoryCommand,
): ReservationOutcome | undefined {
  const { sku, orderId, parts } = reservation;
  switch (command.type) {
    case 'ReserveStock':
      if (reservation.status === 'reserved') {
        const quantity = reservation.requested;
        return { type: 'StockReserved', sku, orderId, quantity, allocations: parts.map(plain) };
      }
      return {
        type: 'ReservationRejected',
        sku,
        orderId,
        requested: command.quantity,
        available: reservation.availableThen,
      };
    case 'CommitReservation': {
      const done = parts.find(
        (part) => part.warehouseId === command.warehouseId && part.state === 'committed',
      );
      return done && { type: 'ReservationCommitted', sku, orderId, allocation: plain(done) };
    }
    case 'ReleaseReservation': {
      const allocations = parts.filter((part) => part.state === 'released').map(plain);
      const reason = reservation.releaseReason;
      return { type: 'ReservationReleased', sku, orderId, allocations, reason };
    }
    case 'ReceiveStock':
    case 'AdjustStock':
    case 'RestockReturn':
      return undefined;
  }
}

function plain({ warehouseId, quantity }: Reservation['parts'][number]) {
  return { warehouseId, quantity };
}

/**
 * The reply to a receipt or an adjustment; `version` is the level's after it. A return is told by
 * the order, which nobody waits for, so it has none.
 */
export function stockReply(
  command: InventoryCommand,
  events: readonly InventoryEvent[],
  version: number,
): CommandReply | undefined {
  if (command.type !== 'ReceiveStock' && command.type !== 'AdjustStock') return undefined;
  const { commandId } = command;
  const event = events[0];
  if (event?.type === 'AdjustmentRefused') {
    const { onHand, reserved, delta } = event;
    const message = `${onHand} on hand, ${reserved} of them reserved: cannot change by ${delta}`;
    return refused(commandId, version, 'stock-below-reserved', message);
  }
  if (event === undefined) {
    const message =
      command.type === 'ReceiveStock'
        ? `quantity ${command.quantity} must be at least 1, and on hand at most 2147483647`
        : 'delta must not be 0';
    return refused(commandId, version, 'invalid-quantity', message);
  }
  const accepted = { code: null, message: null, details: [] };
  return { commandId, outcome: 'accepted', version, ...accepted };
}

function refused(
  commandId: CommandId,
  version: number,
  code: string,
  message: string,
): CommandReply {
  return { commandId, outcome: 'rejected', version, code, message, details: [] };
}
