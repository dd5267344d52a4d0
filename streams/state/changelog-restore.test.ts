import { longSerde, stringSerde } from '../serdes.ts';
import { TopologyTestDriver } from '../testing/topology-test-driver.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { joinWindows } from '../windows/join-windows.ts';
import { sessionWindows } from '../windows/session-windows.ts';
import { tumblingWindows } from '../windows/time-windows.ts';
import { withInt64 } from './byte-order.ts';
import { changelogRestore, restoredSoFar } from './changelog-restore.ts';
import { expiryIndexName, streamTimeKey } from './expiry-index.ts';
import { MemoryTaskStorage } from './memory-storage.ts';
import { sessionKey } from './session-key.ts';
import { keyValueStore } from './store.ts';
import { windowKey } from './window-key.ts';

const words = topic('words', { key: stringSerde, value: stringSerde });
const others = topic('others', { key: stringSerde, value: stringSerde });
const lengths = keyValueStore('lengths', { key: stringSerde, value: longSerde });

test.each([
  'rows',
  'windows',
  'sessions',
  'j-this-join-store',
  'j-outer-other-join-store',
  'lengths',
])("the changelog of '%s' brings back every byte that the store held", (name) => {
  const builder = new StreamsBuilder();
  const stream = builder.stream(words);
  stream.toTable('rows', { key: stringSerde, value: stringSerde });
  stream
    .groupByKey('g')
    .windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 1_000 }))
    .count('windows');
  stream
    .groupByKey('g')
    .windowedBy(sessionWindows({ inactivityGapMs: 5, graceMs: 1_000 }))
    .count('sessions');
  stream.leftJoinStream('j', builder.stream(others), {
    windows: joinWindows({ beforeMs: 5, afterMs: 5, graceMs: 1_000 }),
    join: () => 0,
  });
  stream.process<never, never, { lengths: typeof lengths }>('measure', {
    stores: { lengths },
    process: ({ key, value }, { stores }) => stores.lengths.put(key, value?.length ?? -1),
  });
  const topology = builder.build();
  const driver = new TopologyTestDriver(topology);
  const story = [
    ['a', 'one', 5],
    ['b', 'two', 25],
    ['a', 'three', 7],
    ['b', undefined, 30],
  ] as const;
  for (const [key, value, timestampMs] of story) {
    driver.input(words).pipe(key, value, { timestampMs });
    driver.input(others).pipe(key, value, { timestampMs });
  }
  const spec = topology.stores.find((store) => store.name === name);
  if (spec === undefined) throw new Error(`no store ${name}`);
  const restore = changelogRestore(spec);
  const restored = new MemoryTaskStorage();
  restored.apply(driver.changelog(name).flatMap(restore));
  const kept = driver.storageOf('0_0');
  for (const part of [name, expiryIndexName(name)]) {
    expect([...restored.range(part, undefined, undefined)]).toEqual([
      ...kept.range(part, undefined, undefined),
    ]);
  }
  expect([...restored.range(name, undefined, undefined)].length).toBeGreaterThan(0);
});

test('the end of a session tells of stream time, also when an earlier record was its last', () => {
  const restore = changelogRestore({ name: 's', kind: 'session' });
  const storage = new MemoryTaskStorage();
  const key = sessionKey(Buffer.from('k'), 1, 10);
  storage.apply(restore({ key, value: Buffer.from('v'), timestampMs: 5 }));
  expect(storage.get(expiryIndexName('s'), streamTimeKey)).toEqual(withInt64(10));
});

test('a window store that is partly restored keeps its stream time', () => {
  const store = { name: 'windows', kind: 'window' } as const;
  const at = (timestampMs: number) => ({
    key: windowKey(Buffer.from('k'), 0),
    value: Buffer.from('v'),
    timestampMs,
  });
  const storage = new MemoryTaskStorage();
  const streamTimeMs = () => restoredSoFar(store, storage).streamTimeMs;
  storage.apply([at(30), at(20)].flatMap(changelogRestore(store)));
  expect(streamTimeMs()).toBe(30);
  const goOn = changelogRestore(store, restoredSoFar(store, storage));
  storage.apply([at(10)].flatMap(goOn));
  expect(streamTimeMs()).toBe(30);
  storage.apply([at(40)].flatMap(goOn));
  expect(streamTimeMs()).toBe(40);
});
