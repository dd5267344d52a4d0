/** Makes any number of records of each, under new keys. Equivalent: KStream#flatMap. */
import type { Operator } from '../processor.ts';
import type { StreamRecord } from '../record.ts';

export function flatMap<K, V, KOut, VOut>(
  to: (record: StreamRecord<K, V>) => Iterable<{ readonly key: KOut; readonly value: VOut }>,
): Operator<K, V, KOut, VOut> {
  return ({ forward }) =>
    (record) => {
      const { timestampMs, headers } = record;
      for (const { key, value } of to(record)) forward({ key, value, timestampMs, headers });
    };
}
