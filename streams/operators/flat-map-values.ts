/** Makes any number of records of each, under its key. Equivalent: KStream#flatMapValues. */
import type { Operator } from '../processor.ts';

export function flatMapValues<K, V, VOut>(
  to: (value: V, key: K) => Iterable<VOut>,
): Operator<K, V, K, VOut> {
  return ({ forward }) =>
    ({ key, value, timestampMs, headers }) => {
      for (const out of to(value, key)) forward({ key, value: out, timestampMs, headers });
    };
}
