/**
 * How long the decider of stock remembers what it has done. Receipts, adjustments and returns would
 * count again if they came again: they are remembered for 7 days, and nobody repeats one later
 * (a service waits seconds; a log is read again from its last commit). A reservation is remembered
 * for 30 days after its last part was committed or released; orders, the only ones who ask for
 * reservations, never ask twice for an order that they remember themselves.
 *
 * Days are of stream time, so that a replay forgets at the same records as the first run. What is to
 * be forgotten is found by an index in the order of time, never by a scan of all that is held.
 */
import { AppliedStockCommand, Reservation } from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import { avro, type KeyValueStore, keyValueStore, stringSerde } from '#streams';
import { takeDue, timeKey } from '../time-index.ts';

const dayMs = 86_400_000;
const appliedRetentionMs = 7 * dayMs;
const reservationRetentionMs = 30 * dayMs;

/** By `<sku>|<order id>`. */
export const reservations = keyValueStore('reservations', {
  key: stringSerde,
  value: Reservation,
});
/** By `<sku>|<command id>`. */
export const appliedCommands = keyValueStore('applied-stock-commands', {
  key: stringSerde,
  value: AppliedStockCommand,
});

/** A key of one of the two stores, to be forgotten. */
const Forgettable = avro.record('ForgettableStockEntry', {
  store: avro.enumeration('StockMemory', ['reservations', 'applied']),
  key: avro.string,
});
type Forgettable = ReturnType<typeof Forgettable.deserialize>;

/** By time. */
export const forgetting = keyValueStore('stock-forgetting', {
  key: stringSerde,
  value: Forgettable,
});

export interface Remembered {
  readonly reservations: KeyValueStore<string, Reservation>;
  readonly appliedCommands: KeyValueStore<string, AppliedStockCommand>;
  readonly forgetting: KeyValueStore<string, Forgettable>;
}

export function memoryKey(sku: Sku, id: string): string {
  return `${sku}|${id}`;
}

export function rememberApplied(
  stores: Remembered,
  key: string,
  applied: AppliedStockCommand,
  atMs: number,
): void {
  stores.appliedCommands.put(key, applied);
  forgetAt(stores, atMs + appliedRetentionMs, { store: 'applied', key });
}

/** A reservation with an open part is never forgotten. */
export function rememberReservation(
  stores: Remembered,
  key: string,
  reservation: Reservation,
): void {
  stores.reservations.put(key, reservation);
  if (isOpen(reservation)) return;
  const afterMs = reservation.updatedAt + reservationRetentionMs;
  forgetAt(stores, afterMs, { store: 'reservations', key });
}

export function forgetUntil(stores: Remembered, nowMs: number): void {
  for (const { key, store } of takeDue(stores.forgetting, nowMs)) {
    if (store === 'applied') stores.appliedCommands.delete(key);
    else stores.reservations.delete(key);
  }
}

function isOpen({ parts }: Reservation): boolean {
  return parts.some((part) => part.state === 'open');
}

function forgetAt(stores: Remembered, atMs: number, what: Forgettable): void {
  stores.forgetting.put(timeKey(atMs, `${what.store}|${what.key}`), what);
}
