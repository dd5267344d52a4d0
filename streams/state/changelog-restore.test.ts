import { longSerde, stringSerde } from '../serdes.ts';
import { TopologyTestDriver } from '../testing/topology-test-driver.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { tumblingWindows } from '../windows/time-windows.ts';
import { changelogRestore, restoredStreamTime } from './changelog-restore.ts';
import { MemoryTaskStorage } from './memory-storage.ts';
import { keyValueStore } from './store.ts';
import { windowKey } from './window-key.ts';
import { expiryIndexName } from './window-store.ts';

const words = topic('words', { key: stringSerde, value: stringSerde });
const lengths = keyValueStore('lengths', { key: stringSerde, value: longSerde });

test.each(['rows', 'windows', 'lengths'])(
  "the changelog of '%s' brings back every byte that the store held",
  (name) => {
    const builder = new StreamsBuilder();
    const stream = builder.stream(words);
    stream.toTable('rows', { key: stringSerde, value: stringSerde });
    stream
      .groupByKey('g')
      .windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 1_000 }))
      .count('windows');
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
  },
);

test('a window store that is partly restored keeps its stream time', () => {
  const store = { name: 'windows', kind: 'window' } as const;
  const at = (timestampMs: number) => ({
    key: windowKey(Buffer.from('k'), 0),
    value: Buffer.from('v'),
    timestampMs,
  });
  const storage = new MemoryTaskStorage();
  storage.apply([at(30), at(20)].flatMap(changelogRestore(store)));
  expect(restoredStreamTime(store, storage)).toBe(30);
  const goOn = changelogRestore(store, restoredStreamTime(store, storage));
  storage.apply([at(10)].flatMap(goOn));
  expect(restoredStreamTime(store, storage)).toBe(30);
  storage.apply([at(40)].flatMap(goOn));
  expect(restoredStreamTime(store, storage)).toBe(40);
});
