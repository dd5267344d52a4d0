/** Reads the committed state of the tasks of this process, while they go on. */
import { StreamsError } from '../errors.ts';
import { partitionFor } from '../log/partitioner.ts';
import type { Serde } from '../serde.ts';
import type { Entry, StoreQuery } from '../state/store.ts';
import { storedKeys } from '../state/store-reader.ts';
import { timeLengthOf } from '../state/timestamped-store.ts';
import { changelogName, type StoreSpec, type Topology } from '../topology/topology.ts';
import type { BoundSerdes } from './bound-serdes.ts';

type Bytes = Uint8Array | undefined;
type EntryBytes = readonly [key: Uint8Array, value: Uint8Array];

/** A task whose committed bytes can be read: at once, or by asking another thread. */
export interface QueriedTask {
  readonly taskId: string;
  readonly subTopologyId: number;
  readonly partition: number;
  readonly storage: {
    get(store: string, key: Uint8Array): Bytes | Promise<Bytes>;
    range(
      store: string,
      from: Uint8Array | undefined,
      to: Uint8Array | undefined,
    ): Iterable<EntryBytes> | AsyncIterable<EntryBytes>;
  };
}

export interface QuerySurroundings {
  readonly topology: Topology;
  readonly applicationId: string;
  readonly serdes: BoundSerdes;
  /** @throws StreamsError `STREAMS_STORE_UNAVAILABLE` while tasks come and go. */
  readonly tasks: () => readonly QueriedTask[];
}

/** @throws StreamsError `STREAMS_STORE_UNKNOWN` when the topology has no such store. */
export function storeQuery<K, V>(name: string, from: QuerySurroundings): StoreQuery<K, V> {
  const { spec, subTopologyId, partitions } = find(name, from.topology);
  const topic = changelogName(name, from.applicationId);
  const keys = storedKeys<K>({ ...spec, key: from.serdes.of(spec.key, topic, 'key') });
  const values = from.serdes.of(spec.value, topic, 'value') as Serde<V>;
  const timeLength = timeLengthOf(spec.kind);
  const decoded = (bytes: Uint8Array) => values.deserialize(bytes.subarray(timeLength));
  const owners = () => from.tasks().filter((owned) => owned.subTopologyId === subTopologyId);

  return {
    async get(key) {
      const bytes = keys.serialize(key);
      const partition = partitionFor(keys.partitionedBy?.(bytes) ?? bytes, partitions);
      const isOwner = (task: QueriedTask) => Number(task.partition === partition);
      // A topology may have put the key elsewhere, so all are asked: the likeliest first.
      const tasks = owners().sort((a, b) => isOwner(b) - isOwner(a));
      for (const { storage } of tasks) {
        const found = await storage.get(name, bytes);
        if (found !== undefined) return decoded(found);
      }
      if (tasks.some((owned) => owned.partition === partition)) return undefined;
      throw unavailable(name, `partition ${partition} is not in this process`);
    },

    async *all(): AsyncGenerator<Entry<K, V>> {
      for (const { storage } of owners()) {
        for await (const [key, value] of storage.range(name, undefined, undefined)) {
          yield { key: keys.deserialize(key), value: decoded(value) };
        }
      }
    },
  };
}

export function unavailable(store: string, reason: string): StreamsError {
  const message = `store '${store}' cannot be read now: ${reason}`;
  return new StreamsError('STREAMS_STORE_UNAVAILABLE', message, { retryable: true });
}

function find(name: string, { stores, subTopologies }: Topology) {
  const spec: StoreSpec | undefined = stores.find((store) => store.name === name);
  const owner = subTopologies.find((sub) => sub.stores.includes(name));
  if (spec !== undefined && owner !== undefined && spec.kind !== 'join-buffer') {
    return { spec, subTopologyId: owner.id, partitions: owner.partitions };
  }
  const known = stores.filter(({ kind }) => kind !== 'join-buffer').map((store) => store.name);
  const message = `the topology has no store '${name}' to query; it has: ${known.join(', ')}`;
  throw new StreamsError('STREAMS_STORE_UNKNOWN', message);
}
