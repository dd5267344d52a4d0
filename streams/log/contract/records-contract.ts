/** Records come back as they were written, in order. */
import { partitionFor } from '../partitioner.ts';
import {
  codeOf,
  type LogLimits,
  newTopic,
  type OpenWith,
  produced,
  readAll,
  text,
  values,
} from './contract-fixture.ts';

export function recordTests(openWith: OpenWith, { nullHeaders = true }: LogLimits): void {
  test('keeps records of a partition in the order of their appends, with rising offsets', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const first = await log.append([produced(topic, 'a'), produced(topic, 'b')]);
    const second = await log.append([produced(topic, 'c')]);
    // Rising, not dense: the end of a transaction may take an offset of its own.
    const [a, b, c] = [...first, ...second].map(({ offset }) => Number(offset));
    expect([a, b]).toEqual([0, 1]);
    expect(c).toBeGreaterThan(1);
    const kept = await readAll(log, topic);
    expect(values(kept)).toEqual(['a', 'b', 'c']);
    expect(kept.map(({ offset }) => Number(offset))).toEqual([a, b, c]);
  });

  test('tells null from empty in key, value and headers, and keeps timestamps', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const empty = new Uint8Array(0);
    const headers = [
      ...(nullHeaders ? [{ key: 'none', value: null }] : []),
      { key: 'empty', value: empty },
      { key: 'again', value: Buffer.from('1') },
      { key: 'again', value: Buffer.from('2') },
      { key: 'größe', value: Buffer.from([0, 255]) },
    ];
    await log.append([
      produced(topic, '', { key: null, value: null, timestampMs: 5 }),
      produced(topic, '', { key: empty, value: empty, timestampMs: 3, headers }),
    ]);
    const [nulls, empties] = await readAll(log, topic);
    expect(nulls).toMatchObject({
      key: null,
      value: null,
      timestampMs: 5,
      headers: [],
      offset: 0n,
    });
    expect(empties?.key?.length).toBe(0);
    expect(empties?.value?.length).toBe(0);
    expect(empties?.timestampMs).toBe(3);
    expect(empties?.headers.map(({ key, value }) => [key, text(value)])).toEqual(
      headers.map(({ key, value }) => [key, text(value)]),
    );
  });

  test('keeps a record of a megabyte, and refuses one that is too large without a trace', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const large = Buffer.alloc(1_000_000, 7);
    await log.append([produced(topic, '', { value: large })]);
    const tooLarge = Buffer.alloc(64 * 1024 * 1024);
    const both = [produced(topic, 'beside it'), produced(topic, '', { value: tooLarge })];
    expect(await codeOf(log.append(both))).toBe('STREAMS_RECORD_TOO_LARGE');
    const check = () => log.checkRecord(both[1] as (typeof both)[number]);
    expect(check).toThrow(expect.objectContaining({ code: 'STREAMS_RECORD_TOO_LARGE' }));
    const kept = await readAll(log, topic);
    expect(kept).toHaveLength(1);
    expect(Buffer.compare(kept[0]?.value as Uint8Array, large)).toBe(0);
  });
}

export function partitioningTests(openWith: OpenWith): void {
  test('puts a key where Kafka does, and spreads records without a key', async () => {
    const topic = newTopic({ partitions: 5 });
    const log = await openWith([topic]);
    const key = Buffer.from('foobar');
    const keyed = await log.append([produced(topic, 'a', { key, partition: undefined })]);
    expect(keyed[0]?.partition).toBe(partitionFor(key, 5));
    const spread = await log.append(
      Array.from({ length: 200 }, () => produced(topic, 'x', { partition: undefined })),
    );
    expect(new Set(spread.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  });

  test('gives concurrent appends offsets without gap or overlap', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const appends = await Promise.all(
      Array.from({ length: 50 }, (_, i) => log.append([produced(topic, `${i}`)])),
    );
    const written = await readAll(log, topic);
    expect(written.map(({ offset }) => offset)).toEqual(
      Array.from({ length: 50 }, (_, i) => BigInt(i)),
    );
    appends.forEach(([metadata], i) => {
      expect(text(written[Number(metadata?.offset)]?.value ?? null)).toBe(`${i}`);
    });
  });
}
