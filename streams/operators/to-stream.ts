/** The updates of a table as records; a deletion has no value. Equivalent: KTable#toStream. */
import type { Operator } from '../processor.ts';
import type { Change } from './change.ts';

export function toStream<K, V>(): Operator<K, Change<V>, K, V | undefined> {
  return ({ forward }) =>
    ({ key, value, timestampMs, headers }) =>
      forward({ key, value: value.newValue, timestampMs, headers });
}
