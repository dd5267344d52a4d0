/** Makes one record of each, under a new key. Equivalent: KStream#map. */
import type { Operator } from '../processor.ts';
import type { StreamRecord } from '../record.ts';

export function map<K, V, KOut, VOut>(
  to: (record: StreamRecord<K, V>) => { readonly key: KOut; readonly value: VOut },
): Operator<K, V, KOut, VOut> {
  return ({ forward }) =>
    (record) => {
      const { key, value } = to(record);
      forward({ key, value, timestampMs: record.timestampMs, headers: record.headers });
    };
}
