/** Gives each record another value under the same key. Equivalent: KStream#mapValues. */
import type { Operator } from '../processor.ts';

export function mapValues<K, V, VOut>(to: (value: V, key: K) => VOut): Operator<K, V, K, VOut> {
  return ({ forward }) =>
    ({ key, value, timestampMs, headers }) =>
      forward({ key, value: to(value, key), timestampMs, headers });
}
