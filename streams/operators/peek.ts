/** Shows each record to `look` and forwards it as it is. Equivalent: KStream#peek. */
import type { Operator } from '../processor.ts';
import type { StreamRecord } from '../record.ts';

export function peek<K, V>(look: (record: StreamRecord<K, V>) => void): Operator<K, V, K, V> {
  return ({ forward }) =>
    (record) => {
      look(record);
      forward(record);
    };
}
