import fc from 'fast-check';
import type { LogRecord } from '../log.ts';
import { BatchDecoder, BatchEncoder } from './record-batch.ts';

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });
const record: fc.Arbitrary<LogRecord> = fc.record({
  key: bytes,
  value: bytes,
  timestampMs: fc.integer({ min: -1, max: 2 ** 51 }),
  headers: fc.array(fc.record({ key: fc.string({ maxLength: 200 }), value: bytes }), {
    maxLength: 3,
  }),
});
/** Gaps between offsets, as compaction leaves them. */
const offsets = fc.array(fc.integer({ min: 1, max: 2 ** 20 }), { minLength: 1, maxLength: 20 });
const base = fc.integer({ min: 0, max: 2 ** 40 });

function encode(
  baseOffset: number,
  gaps: readonly number[],
  records: readonly LogRecord[],
): Buffer {
  const encoder = new BatchEncoder(baseOffset);
  let offset = baseOffset - 1;
  records.slice(0, gaps.length).forEach((one, i) => {
    offset += gaps[i] as number;
    encoder.add(offset, one);
  });
  return encoder.finish();
}

const plain = ({ key, value, timestampMs, headers }: LogRecord) => ({
  key: key && [...key],
  value: value && [...value],
  timestampMs,
  headers: headers.map((header) => [header.key, header.value && [...header.value]]),
});

test('a batch gives back what was put in, with its offsets', () => {
  const records = fc.array(record, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(base, offsets, records, (baseOffset, gaps, put) => {
      const batch = new BatchDecoder(encode(baseOffset, gaps, put), 'topic-0');
      const count = Math.min(gaps.length, put.length);
      expect(batch.header.recordCount).toBe(count);
      let offset = baseOffset - 1;
      for (let i = 0; i < count; i++) {
        offset += gaps[i] as number;
        const read = batch.next();
        expect(read && plain(read)).toEqual(plain(put[i] as LogRecord));
        expect(read?.offset).toBe(BigInt(offset));
      }
      expect(batch.next()).toBeUndefined();
      expect(batch.header.nextOffset).toBe(offset + 1);
      const times = put.slice(0, count).map(({ timestampMs }) => timestampMs);
      expect(batch.header.maxTimestampMs).toBe(Math.max(...times));
    }),
  );
});

test('no batch with a changed or missing byte is read', () => {
  const put: LogRecord = {
    key: Buffer.from('k'),
    value: Buffer.from('v'),
    timestampMs: 1,
    headers: [],
  };
  const batch = encode(7, [1, 1], [put, put]);
  for (let at = 0; at < batch.length; at++) {
    const changed = Buffer.from(batch);
    changed[at] = (changed[at] as number) ^ 0x10;
    expect(() => new BatchDecoder(changed, 'topic-3')).toThrow(/^topic-3: /);
    expect(() => new BatchDecoder(batch.subarray(0, at), 'topic-3')).toThrow(/^topic-3: /);
  }
});
