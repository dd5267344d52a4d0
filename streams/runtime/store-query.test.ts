import { partitionFor } from '../log/partitioner.ts';
import { stringSerde } from '../serdes.ts';
import { TopologyTestDriver } from '../testing/topology-test-driver.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { sessionWindows } from '../windows/session-windows.ts';
import { tumblingWindows } from '../windows/time-windows.ts';
import { unboundSerdes } from './bound-serdes.ts';
import { storeQuery } from './store-query.ts';

const words = topic('words', { key: stringSerde, value: stringSerde, partitions: 3 });

/** Counts by window and by session over three partitions; the query sees the tasks in `held`. */
function queried(store: string, held: readonly number[]) {
  const builder = new StreamsBuilder();
  const grouped = builder.stream(words).groupByKey('g');
  grouped.windowedBy(tumblingWindows({ sizeMs: 10 })).count('windows');
  grouped.windowedBy(sessionWindows({ inactivityGapMs: 10 })).count('sessions');
  const topology = builder.build();
  const driver = new TopologyTestDriver(topology, { partitions: 3 });
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
    for (const timestampMs of [12, 17]) driver.input(words).pipe(key, 'x', { timestampMs });
  }
  const tasks = held.map((partition) => {
    const storage = driver.storageOf(`0_${partition}`);
    return { taskId: `0_${partition}`, subTopologyId: 0, partition, storage };
  });
  const surroundings = { topology, applicationId: 'app', serdes: unboundSerdes };
  return storeQuery<unknown, number>(store, { ...surroundings, tasks: () => tasks });
}

test.each([
  ['windows', { startMs: 10, endMs: 20 }, { startMs: 0, endMs: 10 }],
  ['sessions', { startMs: 12, endMs: 17 }, { startMs: 12, endMs: 12 }],
])("the rows of '%s' are read by key and window", async (store, window, empty) => {
  const query = queried(store, [0, 1, 2]);
  expect(await query.get({ key: 'a', window })).toBe(2);
  expect(await query.get({ key: 'a', window: empty })).toBeUndefined();
  const rows: unknown[] = [];
  for await (const row of query.all()) rows.push(row);
  expect(rows).toHaveLength(6);
  expect(rows).toContainEqual({ key: { key: 'f', window }, value: 2 });
});

test.each(['windows', 'sessions'])("a key of '%s' is asked of its own partition", async (store) => {
  const window = store === 'windows' ? { startMs: 10, endMs: 20 } : { startMs: 12, endMs: 17 };
  const own = partitionFor(Buffer.from('a'), 3);
  expect(await queried(store, [own]).get({ key: 'a', window })).toBe(2);
  const elsewhere = queried(store, [(own + 1) % 3]).get({ key: 'a', window });
  await expect(elsewhere).rejects.toMatchObject({ code: 'STREAMS_STORE_UNAVAILABLE' });
});
