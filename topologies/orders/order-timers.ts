/** What comes due for orders, in the order of time, so that nobody has to look at every order. */
import { OrderTimer } from '#schemas/order-entry';
import { type KeyValueStore, keyValueStore, stringSerde } from '#streams';

/** By `<time, 15 digits>|<order id>|<kind>`. */
export const orderTimers = keyValueStore('order-timers', { key: stringSerde, value: OrderTimer });

type Timers = KeyValueStore<string, OrderTimer>;

/** After a long stop many come due together; more at once would make one very large commit. */
const timersAtOnce = 1_000;

export function setTimer(timers: Timers, timer: OrderTimer): void {
  timers.put(`${timeKey(timer.dueMs)}|${timer.orderId}|${timer.kind}`, timer);
}

/** Takes out what is due, earliest first; what is left over is for the next time. */
export function takeDueTimers(timers: Timers, nowMs: number): OrderTimer[] {
  const due: { key: string; value: OrderTimer }[] = [];
  for (const entry of timers.range(timeKey(0), timeKey(nowMs + 1))) {
    due.push(entry);
    if (due.length === timersAtOnce) break;
  }
  for (const { key } of due) timers.delete(key);
  return due.map(({ value }) => value);
}

/** Sorts as the times do. */
function timeKey(timeMs: number): string {
  return String(Math.max(0, timeMs)).padStart(15, '0');
}
