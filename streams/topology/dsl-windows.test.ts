import { topicsOf } from '../runtime/internal-topics.ts';
import { stringSerde } from '../serdes.ts';
import { joinWindows } from '../windows/join-windows.ts';
import { sessionWindows } from '../windows/session-windows.ts';
import type { KStream } from './kstream.ts';
import { StreamsBuilder } from './streams-builder.ts';
import { topic } from './topic.ts';
import type { Topology } from './topology.ts';

const text = { key: stringSerde, value: stringSerde };
const l = topic('l', { ...text, partitions: 3 });
const r = topic('r', { ...text, partitions: 3 });
const windows = joinWindows({ beforeMs: 1_000, afterMs: 2_000, graceMs: 500 });
const join = () => '';

/** The message of `build`, which lists every fault. */
function faultsOf(write: (builder: StreamsBuilder) => void): string {
  const builder = new StreamsBuilder();
  write(builder);
  try {
    builder.build();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

const topics = (topology: Topology) =>
  topicsOf(topology, { applicationId: 'app', deadLetterTopic: 'dead' }, { changelogs: true });
const dayMs = 86_400_000;

test('the changelogs of what expires are kept a day longer than it, as in Kafka Streams', () => {
  const builder = new StreamsBuilder();
  const left = builder.stream(l);
  left
    .groupByKey('g')
    .windowedBy(sessionWindows({ inactivityGapMs: 10, graceMs: 5 }))
    .count('s');
  left.leftJoinStream('j', builder.stream(r), { windows, join });
  const changelogs = topics(builder.build()).filter(({ name }) => name.endsWith('changelog'));
  const buffer = { partitions: 3, cleanupPolicy: 'compact,delete', retentionMs: 3_500 + dayMs };
  expect(changelogs).toEqual([
    { ...buffer, name: 'app-s-changelog', retentionMs: 15 + dayMs },
    { ...buffer, name: 'app-j-this-join-store-changelog' },
    { ...buffer, name: 'app-j-outer-other-join-store-changelog' },
    {
      name: 'app-j-left-shared-join-store-changelog',
      partitions: 3,
      cleanupPolicy: 'compact',
      retentionMs: -1,
    },
  ]);
});

test('a stream whose keys were changed gets as many partitions as the other', () => {
  const builder = new StreamsBuilder();
  const left = builder.stream(l).selectKey((value) => value);
  left.joinStream('j', builder.stream(topic('r7', { ...text, partitions: 7 })), {
    ...text,
    windows,
    join,
  });
  const repartition = topics(builder.build()).find(({ name }) => name === 'app-j-left-repartition');
  expect(repartition?.partitions).toBe(7);
});

test('streams with different partition counts are not joined', () => {
  const other = topic('r7', { ...text, partitions: 7 });
  const faults = faultsOf((builder) =>
    builder.stream(l).joinStream('j', builder.stream(other), { windows, join }),
  );
  expect(faults).toContain("'j-merge' joins topics with different partition counts");
});

const unnamed = (stream: KStream<string, string>) => stream.mapValues((value) => value);

test.each<[string, (builder: StreamsBuilder) => void, string]>([
  [
    'windows out of range',
    (builder) =>
      builder.stream(l).joinStream('j', builder.stream(r), {
        windows: joinWindows({ beforeMs: -1, afterMs: 0.5, graceMs: Number.NaN }),
        join,
      }),
    "'j' has join windows of -1 ms before: give a whole number, 0 or more\n" +
      "- 'j' has join windows of 0.5 ms after: give a whole number, 0 or more\n" +
      "- 'j' has join windows of NaN ms grace: give a whole number, 0 or more",
  ],
  [
    'a stream without a serde',
    (builder) =>
      unnamed(builder.stream(l)).leftJoinStream('j', builder.stream(r), { windows, join }),
    "store 'j-this-join-store' has no value serde",
  ],
  [
    'a left join whose stores are named but for one',
    (builder) =>
      builder.stream(l).leftJoinStream('j', builder.stream(r), {
        windows,
        join,
        stores: { left: 'a', right: 'b' },
      }),
    "the left join of 'a' and 'b' needs a store of what is unmatched",
  ],
  [
    'sessions out of range',
    (builder) =>
      builder
        .stream(l)
        .groupByKey('g')
        .windowedBy(sessionWindows({ inactivityGapMs: 0 }))
        .count('s'),
    "'s' has sessions with a gap of 0 ms",
  ],
])('%s is told by build', (_, write, fault) => {
  expect(faultsOf(write)).toContain(fault);
});
