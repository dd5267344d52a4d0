/** The data of a store that is big: every key once, 500 bytes that do not compress. */
import type { InputRecord } from './input-record.ts';
import { seededRandom } from './seeded-random.ts';

export const bigValueBytes = 500;
export const bigKeyBytes = 9;

const poolBytes = 1 << 20;

export function* bigValues(records: number, nowMs: number): Generator<InputRecord> {
  const random = seededRandom(7);
  const pool = Buffer.from(Array.from({ length: poolBytes }, () => random.below(256)));
  for (let i = 0; i < records; i++) {
    const from = random.below(poolBytes - bigValueBytes);
    const value = pool.subarray(from, from + bigValueBytes);
    yield { topic: 'big', key: `b${String(i).padStart(8, '0')}`, value, timestampMs: nowMs };
  }
}
