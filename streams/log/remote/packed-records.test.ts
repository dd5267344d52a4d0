import fc from 'fast-check';
import type { LogCommit, RecordBatch } from '../log.ts';
import { packBatches, packCommit, unpackBatches, unpackCommit } from './packed-records.ts';

const bytes = fc.uint8Array({ maxLength: 40 });
const nullable = fc.option(bytes);
const headers = fc.array(fc.record({ key: fc.string({ unit: 'binary' }), value: nullable }), {
  maxLength: 3,
});
const timestampMs = fc.integer({ min: -1, max: 2 ** 51 });
const content = { key: nullable, value: nullable, timestampMs, headers };
const offset = fc.bigInt({ min: 0n, max: 2n ** 53n });
const name = fc.constantFrom('a', 'b', 'größe');

const batch: fc.Arbitrary<RecordBatch> = fc.record(
  {
    topic: name,
    partition: fc.nat(),
    records: fc.array(fc.record({ ...content, offset }), { maxLength: 5 }),
    nextOffset: offset,
    endOffset: offset,
    lostRecords: offset,
  },
  { requiredKeys: ['topic', 'partition', 'records', 'nextOffset', 'endOffset'] },
);

// Also partitions that no log has: it is the log that refuses them.
const partition = fc.option(fc.oneof(fc.integer(), fc.constantFrom(0.5, -1)), { nil: undefined });
const commit: fc.Arbitrary<LogCommit> = fc.record({
  outputs: fc.array(fc.record({ topic: name, partition, ...content }), { maxLength: 5 }),
  offsets: fc.array(fc.record({ topic: name, partition: fc.nat(), offset }), { maxLength: 2 }),
  state: fc.array(
    fc.record({
      taskId: fc.constantFrom('0_0', '0_1'),
      writes: fc.array(fc.record({ store: name, key: bytes, value: nullable }), { maxLength: 5 }),
    }),
    { maxLength: 2 },
  ),
});

/** As a thread gets it: the message is cloned, its buffer handed over. */
function crossed<T extends { readonly bytes: ArrayBuffer }>(message: T): T {
  return structuredClone(message, { transfer: [message.bytes] });
}

/** Buffers and other bytes alike. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, part: unknown) => {
      if (typeof part === 'bigint') return `${part}n`;
      if (part instanceof Uint8Array) return [...part];
      const fromBuffer = part as { type?: string; data?: unknown } | null;
      return fromBuffer?.type === 'Buffer' ? fromBuffer.data : part;
    }),
  );
}

test('batches arrive as they were sent', () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 4 }), (batches) => {
      expect(plain(unpackBatches(crossed(packBatches(batches))))).toEqual(plain(batches));
    }),
  );
});

test('commits arrive as they were sent, with their state or without', () => {
  fc.assert(
    fc.property(commit, fc.boolean(), (sent, withState) => {
      const expected = withState ? sent : { ...sent, state: [] };
      expect(plain(unpackCommit(crossed(packCommit(sent, withState))))).toEqual(plain(expected));
    }),
  );
});
