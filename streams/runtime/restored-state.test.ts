import fc from 'fast-check';
import type { ProducedRecord } from '../log/log.ts';
import { changelogRestore } from '../state/changelog-restore.ts';
import { MemoryTaskStorage } from '../state/memory-storage.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { changelogName, type Topology } from '../topology/topology.ts';
import { joinWindows } from '../windows/join-windows.ts';
import { sessionWindows } from '../windows/session-windows.ts';
import { tumblingWindows } from '../windows/time-windows.ts';
import { add, openTask, others, out, text, words } from './stream-task-fixture.ts';

/** Everything that expires: windows, sessions, and the buffers of two joins. */
function expiring(): Topology {
  const builder = new StreamsBuilder();
  const [left, right] = [builder.stream(words), builder.stream(others)];
  const windows = joinWindows({ beforeMs: 4, afterMs: 10, graceMs: 3 });
  const join = (a: string | undefined, b: string | undefined) => `${a ?? '-'}+${b ?? '-'}`;
  left.outerJoinStream('outer', right, { windows, join }).to(out);
  left.joinStream('inner', right, { windows, join }).to(out);
  const grouped = left.groupByKey('g');
  const combine = (all: string, word: string) => all + word;
  const told = (kind: string) => (value: string | undefined, key: { window: object }) =>
    `${kind} ${JSON.stringify(key.window)} ${value}`;
  grouped
    .windowedBy(sessionWindows({ inactivityGapMs: 6, graceMs: 3 }))
    .reduce('sessions', combine, text)
    .toStream()
    .mapValues(told('session'))
    .selectKey((_, { key }) => key)
    .to(out);
  grouped
    .windowedBy(tumblingWindows({ sizeMs: 8, graceMs: 3 }))
    .reduce('windows', combine, text)
    .toStream()
    .mapValues(told('window'))
    .selectKey((_, { key }) => key)
    .to(out);
  left.peek(({ value }) => {
    if (value === 'boom') throw new Error('a boom comes after everything else');
  });
  return builder.build();
}

const topology = expiring();
const step = fc.record({
  topic: fc.constantFrom(words, others),
  key: fc.constantFrom('a', 'b'),
  ms: fc.nat(60),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const told = ({ key, value, timestampMs }: ProducedRecord) =>
  `${key && Buffer.from(key)} ${value && Buffer.from(value)} ${timestampMs}`;

/** What a task writes; before each step in `restarts` it is made anew from its changelogs alone. */
function outputs(steps: readonly Step[], restarts: ReadonlySet<number>): string[] {
  const written: string[] = [];
  const changelog: ProducedRecord[] = [];
  let open = openTask(topology, new MemoryTaskStorage(), { changelogs: true });
  for (const [at, { topic, key, ms }] of steps.entries()) {
    if (restarts.has(at)) {
      open = openTask(topology, restoredFrom(changelog), { changelogs: true });
    }
    add(open.task, topic, [[key, `${at}`, ms]], at);
    open.task.process(1);
    const commit = open.commit();
    changelog.push(...commit.changelog);
    written.push(...commit.outputs.map(told));
  }
  return written;
}

/** As from topics that were compacted: the last record of each key. */
function restoredFrom(changelog: readonly ProducedRecord[]): MemoryTaskStorage {
  const storage = new MemoryTaskStorage();
  for (const store of topology.stores) {
    const restore = changelogRestore(store);
    const name = changelogName(store.name, 'shop');
    const last = new Map<string, ProducedRecord>();
    for (const record of changelog) {
      if (record.topic === name) last.set(Buffer.from(record.key ?? '').toString('hex'), record);
    }
    for (const record of last.values()) storage.apply(restore(record));
  }
  return storage;
}

test('a task that is restored from its changelogs goes on as if it had never stopped', () => {
  const runs = fc.tuple(fc.array(step, { maxLength: 30 }), fc.array(fc.nat(29)));
  fc.assert(
    fc.property(runs, ([steps, restarts]) => {
      expect(outputs(steps, new Set(restarts))).toEqual(outputs(steps, new Set()));
    }),
  );
});

test('what had closed before a changelog was taken over is told with the first record', () => {
  const { task, commit } = openTask(topology, restoredFrom(outputsOfJvm()), { changelogs: true });
  add(task, words, [
    ['z', 'boom', 200],
    ['z', 'z', 101],
  ]);
  task.process(1);
  const failed = commit();
  expect(failed.outputs.map(({ topic }) => topic)).toEqual(['shop-dead-letters']);
  expect(failed.changelog).toEqual([]);
  task.process(1);
  expect(commit().outputs.map(told)[0]).toBe('a left+- 10');
});

/** An application of Kafka Streams tells of what has closed once a second, and may stop before. */
function outputsOfJvm(): ProducedRecord[] {
  const headers: ProducedRecord['headers'] = [];
  const record = (store: string, key: string, value: string, timestampMs: number) => ({
    topic: changelogName(store, 'shop'),
    key: Buffer.from(key, 'hex'),
    value: Buffer.from(value, 'hex'),
    timestampMs,
    headers,
  });
  const left = Buffer.from('left').toString('hex');
  return [
    record(
      'outer-outer-shared-join-store',
      '000000000000000a0161',
      `01000000010000000501${left}`,
      10,
    ),
    record('outer-outer-this-join-store', '61000000000000000a00000001', left, 10),
    record('outer-outer-other-join-store', '62000000000000006400000001', left, 100),
  ];
}
