/** Counts as eight bytes, as Java's LongSerializer writes them. Exact up to 2^53. */
import { StreamsError } from '../errors.ts';
import type { Serde } from '../serde.ts';
import { readInt64, withInt64 } from './byte-order.ts';

export const countSerde: Serde<number> = {
  serialize: (count) => {
    if (Number.isSafeInteger(count)) return withInt64(count);
    throw new StreamsError('STREAMS_RECORD_UNENCODABLE', `a count must be whole, not ${count}`);
  },
  deserialize: (bytes) => {
    if (bytes.length === 8) return readInt64(bytes, 0);
    const message = `a count has 8 bytes, not ${bytes.length}`;
    throw new StreamsError('STREAMS_RECORD_UNDECODABLE', message);
  },
};
