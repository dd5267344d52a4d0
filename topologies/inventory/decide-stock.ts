/** One command on stock from memory to memory: what it does, and what is answered. */
import type {
  AppliedStockCommand,
  InventoryCommand,
  InventoryEvent,
  ReservationOutcome,
} from '#schemas/inventory';
import type { OrderId } from '#schemas/orders';
import type { CommandId, CommandReply } from '#schemas/replies';
import { decide, type Stock } from './stock.ts';
import { isReservationOutcome, repeatedOutcome, stockReply } from './stock-answers.ts';
import { evolve } from './stock-changes.ts';

export interface StockDecision {
  readonly stock: Stock;
  /** What happened; nothing when the command had been done before. */
  readonly events: readonly InventoryEvent[];
  /** What the order hears; on a repeat what it heard before. */
  readonly outcomes: readonly ReservationOutcome[];
  readonly reply: CommandReply | undefined;
  /** To be remembered under the command's id. */
  readonly applied: AppliedStockCommand | undefined;
}

/** The order whose reservation a command is about. */
export function reservingOrder(command: InventoryCommand): OrderId | undefined {
  switch (command.type) {
    case 'ReserveStock':
    case 'CommitReservation':
    case 'ReleaseReservation':
      return command.orderId;
    case 'ReceiveStock':
    case 'AdjustStock':
    case 'RestockReturn':
      return undefined;
  }
}

/** The id of a command that would change stock again if it came again. */
export function appliedOnceId(command: InventoryCommand): CommandId | undefined {
  switch (command.type) {
    case 'ReceiveStock':
    case 'AdjustStock':
    case 'RestockReturn':
      return command.commandId;
    case 'ReserveStock':
    case 'CommitReservation':
    case 'ReleaseReservation':
      return undefined;
  }
}

/** `applied`: what is remembered under the command's id. `atMs`: the record's time. */
export function decideStock(
  stock: Stock,
  applied: AppliedStockCommand | undefined,
  command: InventoryCommand,
  atMs: number,
): StockDecision {
  if (applied !== undefined) {
    const reply = applied.reply ?? undefined;
    return { stock, events: [], outcomes: [], reply, applied: undefined };
  }
  const events = decide(stock, command);
  const after = events.reduce((state, event) => evolve(state, event, atMs), stock);
  const reply = stockReply(command, events, after.level.version);
  const commandId = appliedOnceId(command);

  return {
    stock: after,
    events,
    outcomes: events.length > 0 ? events.filter(isReservationOutcome) : repeated(stock, command),
    reply,
    applied: commandId === undefined ? undefined : { commandId, reply: reply ?? null },
  };
}

function repeated({ reservation }: Stock, command: InventoryCommand): ReservationOutcome[] {
  const outcome = reservation && repeatedOutcome(reservation, command);
  return outcome === undefined ? [] : [outcome];
}
