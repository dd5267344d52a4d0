/** Retention, purging and compaction, on both logs that live in a process. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { newTopic, produced, readAll, take, text, values } from '../contract/contract-fixture.ts';
import { openEmbeddedLog } from '../embedded/index.ts';
import type { ProducedRecord, TopicSpec } from '../log.ts';
import { memoryLog } from '../memory/memory-log.ts';
import type { InProcessLog } from './in-process-log.ts';

const root = mkdtempSync(join(tmpdir(), 'log-cleaner-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directories = 0;

const tombstoneRetentionMs = 1_000;
let nowMs = 0;
const now = () => nowMs;

const openers: [string, () => Promise<InProcessLog>][] = [
  ['the memory log', async () => memoryLog({ now, tombstoneRetentionMs })],
  [
    'the embedded log',
    () => openEmbeddedLog({ directory: join(root, `${++directories}`), now, tombstoneRetentionMs }),
  ],
];

let log: InProcessLog;
afterEach(() => log.close());

async function openWith(open: () => Promise<InProcessLog>, topic: TopicSpec): Promise<void> {
  nowMs = 0;
  log = await open();
  await log.createTopics([topic]);
}

const keyed = (topic: TopicSpec, key: string, value: string | null, size = 0): ProducedRecord =>
  produced(topic, '', {
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value.padEnd(size)),
  });

/** More than compaction thinks worth a rewrite. */
async function writeEnough(topic: TopicSpec, key = 'filler'): Promise<void> {
  await log.append([keyed(topic, key, 'x', 70_000)]);
}

async function bounds(topic: TopicSpec) {
  return (await log.describeTopic(topic.name)).offsets[0];
}

describe.each(openers)('retention on %s', (_name, open) => {
  const topic = newTopic({ retentionMs: 100 });

  test('drops what is older than the retention, and goes on counting offsets', async () => {
    await openWith(open, topic);
    for (const timestampMs of [0, 50, 120]) {
      await log.append([produced(topic, `at ${timestampMs}`, { timestampMs })]);
    }
    nowMs = 200;
    await log.clean();
    expect(values(await readAll(log, topic))).toEqual(['at 120']);
    expect(await bounds(topic)).toEqual({ beginning: 2n, end: 3n });

    nowMs = 1_000;
    await log.clean();
    expect(await bounds(topic)).toEqual({ beginning: 3n, end: 3n });
    const [next] = await log.append([produced(topic, 'later', { timestampMs: 1_000 })]);
    expect(next?.offset).toBe(3n);
    expect(values(await readAll(log, topic))).toEqual(['later']);
  });

  test('keeps an old record behind which a young one stands in the same batch', async () => {
    await openWith(open, topic);
    await log.append([0, 500].map((timestampMs) => produced(topic, 'x', { timestampMs })));
    nowMs = 400;
    await log.clean();
    expect(await readAll(log, topic)).toHaveLength(2);
  });

  test('lets a reader that is overtaken go on at the new beginning', async () => {
    await openWith(open, topic);
    await log.append([produced(topic, 'old', { timestampMs: 0 })]);
    const reader = log.openReader();
    reader.assign([{ topic: topic.name, partition: 0, offset: 0n }]);
    nowMs = 1_000;
    await log.append([produced(topic, 'new', { timestampMs: nowMs })]);
    await log.clean();
    expect(values(await take(reader, 1))).toEqual(['new']);
  });
});

describe.each(openers)('compaction on %s', (_name, open) => {
  const topic = newTopic({ cleanupPolicy: 'compact' });

  test('keeps the latest record of each key under its offset', async () => {
    await openWith(open, topic);
    for (const [key, value] of ['a1', 'b1', 'a2', 'c1', 'b2']) {
      await log.append([keyed(topic, key as string, `${key}${value}`)]);
    }
    await writeEnough(topic);
    await log.clean();
    const kept = await readAll(log, topic);
    expect(kept.map(({ offset, value }) => [offset, text(value)?.trim()])).toEqual([
      [2n, 'a2'],
      [3n, 'c1'],
      [4n, 'b2'],
      [5n, 'x'],
    ]);
    expect(await bounds(topic)).toEqual({ beginning: 0n, end: 6n });
  });

  test('reads on from an offset that is gone, and to an end that is gone', async () => {
    await openWith(open, topic);
    await log.append(['a', 'a', 'a'].map((key) => keyed(topic, key, 'x')));
    await writeEnough(topic, 'a');
    await log.append([keyed(topic, 'a', null)]);
    await log.clean();
    nowMs = tombstoneRetentionMs + 1;
    await log.clean();
    expect(await readAll(log, topic)).toEqual([]);
    expect(await bounds(topic)).toEqual({ beginning: 0n, end: 5n });
    const reader = log.openReader();
    reader.assign([{ topic: topic.name, partition: 0, offset: 1n }]);
    expect(await reader.poll({ maxWaitMs: 1_000 })).toMatchObject([
      { records: [], nextOffset: 5n, endOffset: 5n },
    ]);
    const [next] = await log.append([keyed(topic, 'a', 'again')]);
    expect(next?.offset).toBe(5n);
  });

  test('keeps a tombstone for those who are behind, then lets it go', async () => {
    await openWith(open, topic);
    await log.append([keyed(topic, 'a', 'x'), keyed(topic, 'a', null)]);
    await writeEnough(topic);
    await log.clean();
    const keys = async () => (await readAll(log, topic)).map(({ key }) => text(key));
    expect(await keys()).toEqual(['a', 'filler']);
    nowMs = tombstoneRetentionMs - 1;
    await log.clean();
    expect(await keys()).toEqual(['a', 'filler']);
    nowMs = tombstoneRetentionMs;
    await log.clean();
    expect(await keys()).toEqual(['filler']);
  });
});

describe.each(openers)('compaction on %s', (_name, open) => {
  const topic = newTopic({ cleanupPolicy: 'compact' });

  test('does not disturb a reader that stands in the middle', async () => {
    await openWith(open, topic);
    await log.append(Array.from({ length: 10 }, (_, i) => keyed(topic, `${i % 2}`, `${i}`)));
    await writeEnough(topic);
    const reader = log.openReader();
    reader.assign([{ topic: topic.name, partition: 0, offset: 0n }]);
    const first = await take(reader, 3, { maxRecords: 3 });
    await log.clean();
    const last = new Map(first.map(({ key, value }) => [text(key), text(value)]));
    let next = 3n;
    while (next < 11n) {
      for (const batch of await reader.poll({ maxWaitMs: 1_000 })) {
        for (const { key, value } of batch.records) last.set(text(key), text(value));
        next = batch.nextOffset;
      }
    }
    expect([last.get('0'), last.get('1')]).toEqual(['8', '9']);
  });

  test('refuses a record without a key', async () => {
    await openWith(open, topic);
    await expect(log.append([produced(topic, 'x')])).rejects.toMatchObject({
      code: 'STREAMS_RECORD_INVALID',
    });
  });

  test('leaves the same table as no compaction, whatever is written and whenever it runs', async () => {
    const write = fc.tuple(
      fc.integer({ min: 0, max: 5 }),
      fc.option(fc.integer({ min: 0, max: 9_000 }), { freq: 3, nil: null }),
    );
    const steps = fc.array(
      fc.oneof({ weight: 8, arbitrary: write }, fc.constant('clean' as const)),
      {
        maxLength: 60,
      },
    );
    await openWith(open, topic);
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const compacted = newTopic({ cleanupPolicy: 'compact' });
        await log.createTopics([compacted]);
        const table = new Map<string, string>();
        let end = 0n;
        for (const step of sequence) {
          if (step === 'clean') {
            nowMs += 600;
            await log.clean();
            continue;
          }
          const [key, size] = step;
          const value = size === null ? null : `${end}`;
          await log.append([keyed(compacted, `${key}`, value, size ?? 0)]);
          end += 1n;
          if (value === null) table.delete(`${key}`);
          else table.set(`${key}`, value);
        }
        await writeEnough(compacted);
        await log.clean();
        const folded = await fold(compacted);
        folded.delete('filler');
        expect(folded).toEqual(table);
        expect((await bounds(compacted))?.end).toBe(end + 1n);
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});

/** The table that a reader of the whole topic ends up with. */
async function fold(topic: TopicSpec): Promise<Map<string, string>> {
  const folded = new Map<string, string>();
  let before = -1n;
  for (const { key, value, offset } of await readAll(log, topic)) {
    expect(offset).toBeGreaterThan(before);
    before = offset;
    if (value === null) folded.delete(text(key) ?? '');
    else folded.set(text(key) ?? '', text(value)?.trim() ?? '');
  }
  return folded;
}

test('a compacted topic that is updated for ever does not grow for ever', async () => {
  const directory = join(root, 'bounded');
  const topic = newTopic({ cleanupPolicy: 'compact' });
  await openWith(() => openEmbeddedLog({ directory, now }), topic);
  const sizes: number[] = [];
  for (let round = 0; round < 30; round++) {
    for (let i = 0; i < 4; i++) {
      await log.append(
        Array.from({ length: 100 }, (_, key) => keyed(topic, `${key}`, `${round}`, 1_000)),
      );
    }
    await log.clean();
    sizes.push(statSync(join(directory, 'log.lmdb')).size);
  }
  // 12 MB were written in all; 100 KB of it are still true.
  expect(await readAll(log, topic)).toHaveLength(100);
  expect(sizes.at(-1)).toBeLessThan(4_000_000);
  expect(sizes.at(-1)).toBe(sizes[14]);
}, 60_000);

test('a topic of both policies compacts and expires', async () => {
  const topic = newTopic({ cleanupPolicy: 'compact,delete', retentionMs: 100 });
  await openWith(async () => memoryLog({ now }), topic);
  const filler = (timestampMs: number) => ({ ...keyed(topic, 'a', 'new', 70_000), timestampMs });
  await log.append([keyed(topic, 'a', 'old'), keyed(topic, 'b', 'old')]);
  await log.append([filler(150)]);
  await log.clean();
  expect((await readAll(log, topic)).map(({ key }) => text(key))).toEqual(['b', 'a']);
  nowMs = 200;
  await log.append([filler(200), filler(200)]);
  await log.clean();
  expect((await readAll(log, topic)).map(({ key }) => text(key))).toEqual(['a']);
});

test('what is purged frees its room', async () => {
  const directory = join(root, 'purged');
  const topic = newTopic();
  await openWith(() => openEmbeddedLog({ directory, now }), topic);
  const partition = { topic: topic.name, partition: 0 };
  const member = await log.joinGroup({
    groupId: 'group',
    topics: [topic.name],
    startFrom: 'earliest',
    listener: { async onAssigned() {}, async onRevoked() {} },
  });
  const sizes: number[] = [];
  for (let round = 1; round <= 20; round++) {
    await log.append([produced(topic, 'x'.repeat(500_000))]);
    await take(member, 1);
    const offset = BigInt(round);
    await member.commit({
      outputs: [],
      offsets: [{ ...partition, offset }],
      state: [],
      purge: [{ ...partition, beforeOffset: offset }],
    });
    await log.clean();
    sizes.push(statSync(join(directory, 'log.lmdb')).size);
  }
  expect(await bounds(topic)).toEqual({ beginning: 20n, end: 20n });
  expect(sizes.at(-1)).toBeLessThan(5_000_000);
});
