/** What the tests of the task share: a task in memory, its topics, and records for it. */
import type { ConsumedRecord, ProducedRecord } from '../log/log.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { MemoryTaskStorage } from '../state/memory-storage.ts';
import { keyValueStore } from '../state/store.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import type { Topology } from '../topology/topology.ts';
import { unboundSerdes } from './bound-serdes.ts';
import { StreamTask } from './stream-task.ts';
import type { StreamTaskOptions } from './stream-task-options.ts';

export const text = { key: stringSerde, value: stringSerde, partitions: 1 };
export const words = topic('words', text);
export const others = topic('others', text);
export const out = topic('out', text);
export const counts = topic('counts', { key: stringSerde, value: longSerde, partitions: 1 });

export function openTask(
  topology: Topology,
  storage = new MemoryTaskStorage(),
  options: Partial<StreamTaskOptions> = {},
) {
  const clock = { nowMs: 0 };
  const task = new StreamTask({
    topology,
    subTopologyId: 0,
    partition: 0,
    applicationId: 'shop',
    storage,
    serdes: unboundSerdes,
    globalTables: new Map(),
    clock: () => clock.nowMs,
    random: () => 0.5,
    partitionCount: () => 1,
    ...options,
  });
  const commit = () => {
    const prepared = task.prepareCommit();
    storage.apply(prepared.writes);
    task.committed();
    return prepared;
  };
  return { task, storage, clock, commit };
}

export type Row = readonly [key: string, value: string | null, timestampMs?: number];

export function consumed(rows: readonly Row[], firstOffset = 0): ConsumedRecord[] {
  return rows.map(([key, value, timestampMs = 0], index) => ({
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    timestampMs,
    headers: [],
    offset: BigInt(firstOffset + index),
  }));
}

export function add(
  task: StreamTask,
  to: { readonly name: string },
  rows: readonly Row[],
  first = 0,
) {
  const nextOffset = BigInt(first + rows.length);
  const records = consumed(rows, first);
  task.add({ topic: to.name, partition: 0, records, nextOffset, endOffset: nextOffset });
}

export const textOf = ({ key, value }: ProducedRecord) => [String(key), value && String(value)];
export const headersOf = ({ headers }: ProducedRecord) =>
  Object.fromEntries(headers.map(({ key, value }) => [key, String(value)]));

export const seen = keyValueStore('seen', text);

/** Keeps every word, forwards it, and fails on 'boom' after it has done both. */
export function keeping(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .process<string, string, { seen: typeof seen }>('keep', {
      stores: { seen },
      process: ({ key, value }, context) => {
        context.stores.seen.put(key, value);
        context.forward({ key, value });
        if (value === 'boom') throw new Error('cannot keep a boom');
      },
    })
    .to(out);
  return builder.build();
}
