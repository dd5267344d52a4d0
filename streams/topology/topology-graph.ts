/**
 * A topology while it is being written down: what the DSL adds to, and `build` checks and freezes.
 * Names and numbers follow Kafka Streams: one counter, one number for each operator, named or not.
 */
import type { Operator } from '../processor.ts';
import type { Deserializer, Serde, Serializer } from '../serde.ts';
import {
  type SessionWindows,
  sessionRetentionMs,
  sessionWindowFaults,
} from '../windows/session-windows.ts';
import { type TimeWindows, windowFaults } from '../windows/time-windows.ts';
import type { TopicSettings } from './topic.ts';
import type { GlobalTableSpec, StoreSpec, TopicUse, TopologyNode } from './topology.ts';

export type AnyOperator = Operator<never, never, unknown, unknown>;

/** Inputs that must have equally many partitions, by their sources, and who says so. */
export interface Copartition {
  readonly by: string;
  readonly sources: readonly string[];
}

/** A repartition topic before its partitions are known. */
interface RepartitionTopic {
  readonly name: string;
  /** Source nodes upstream: their largest partition count is the default. */
  readonly upstream: readonly string[];
  readonly partitions: number | undefined;
}

/** What is known of the store of a table when it is declared. */
interface StoreOptions {
  readonly key: unknown;
  readonly value: unknown;
  /** @defaultValue true */
  readonly caching?: boolean | undefined;
}

export class TopologyGraph {
  readonly nodes: TopologyNode[] = [];
  readonly stores: StoreSpec[] = [];
  /** With how many nodes came before it: that decides its number in descriptions. */
  readonly globalTables: { readonly table: GlobalTableSpec; readonly before: number }[] = [];
  readonly copartitions: Copartition[] = [];
  readonly repartitions: RepartitionTopic[] = [];
  /**
   * Stores that a join of tables reads: they are not cached. The join reads the newest row of the
   * other side; were its update still held back, a deletion of both sides would be lost, and the old
   * value of a joined row would be one that was never sent.
   */
  readonly joinedStores = new Set<string>();
  /** What is wrong and only the DSL can see. */
  readonly faults: string[] = [];
  #numbers = 0;

  /** Takes the next number, whether or not a name is given, as Kafka Streams does. */
  name(prefix: string, given?: string): string {
    const generated = `${prefix}${String(this.#numbers++).padStart(10, '0')}`;
    return given ?? generated;
  }

  source(
    name: string,
    topic: TopicUse,
    key: Deserializer<unknown>,
    value: Deserializer<unknown>,
  ): void {
    this.nodes.push({ kind: 'source', name, topic, key, value });
  }

  processor(
    name: string,
    parents: readonly string[],
    operator: AnyOperator,
    uses: { readonly stores?: readonly string[]; readonly globalTables?: readonly string[] } = {},
  ): void {
    const { stores = [], globalTables = [] } = uses;
    const ownStores = [...new Set(stores)];
    this.nodes.push({
      kind: 'processor',
      name,
      parents,
      stores: ownStores,
      globalTables,
      operator,
    });
  }

  sink(
    name: string,
    parents: readonly string[],
    topic: TopicUse,
    key: Serializer<never>,
    value: Serializer<never>,
  ): void {
    this.nodes.push({ kind: 'sink', name, parents, topic, key, value });
  }

  store(spec: StoreSpec): void {
    this.stores.push(spec);
  }

  /** The store behind a table. Without serdes it is a fault, told with its remedy. */
  tableStore(name: string, { key, value, caching = true }: StoreOptions): void {
    const serdes = this.#serdes(name, key, value);
    const settings = { name, logged: true, cached: caching };
    if (serdes) this.stores.push({ kind: 'timestamped', ...settings, ...serdes });
  }

  windowStore(
    name: string,
    { key, value, caching = true }: StoreOptions,
    windows: TimeWindows,
  ): void {
    for (const fault of windowFaults(windows)) this.fault(`'${name}' has ${fault}`);
    const { sizeMs: windowSizeMs, graceMs } = windows;
    const retentionMs = windows.retentionMs ?? windowSizeMs + graceMs;
    const serdes = this.#serdes(name, key, value);
    if (serdes === undefined) return;
    const settings = { name, logged: true, cached: caching, windowSizeMs, retentionMs };
    this.stores.push({ kind: 'window', ...settings, ...serdes });
  }

  sessionStore(
    name: string,
    { key, value, caching = true }: StoreOptions,
    windows: SessionWindows,
  ): void {
    for (const fault of sessionWindowFaults(windows)) this.fault(`'${name}' has ${fault}`);
    const retentionMs = sessionRetentionMs(windows);
    const serdes = this.#serdes(name, key, value);
    const settings = { name, logged: true, cached: caching };
    if (serdes) this.stores.push({ kind: 'session', ...settings, ...serdes, retentionMs });
  }

  /** One side's records in a stream-stream join. */
  joinBuffer(
    name: string,
    key: unknown,
    value: unknown,
    join: { readonly retentionMs: number; readonly joinedWith: string },
  ): void {
    const serdes = this.#serdes(name, key, value);
    if (serdes) this.stores.push({ kind: 'join-buffer', name, logged: true, ...serdes, ...join });
  }

  #serdes(
    store: string,
    key: unknown,
    value: unknown,
  ): { readonly key: Serde<unknown>; readonly value: Serde<unknown> } | undefined {
    if (key !== undefined && value !== undefined) {
      return { key: key as Serde<unknown>, value: value as Serde<unknown> };
    }
    const missing = key === undefined ? 'key' : 'value';
    this.fault(
      `store '${store}' has no ${missing} serde: name one where the stream is grouped or the table made`,
    );
    return undefined;
  }

  /** Adds the way through a repartition topic and answers with the source behind it. */
  repartition(
    name: string,
    from: { readonly node: string; readonly sources: readonly string[] },
    options: {
      readonly key: Serde<unknown>;
      readonly value: Serde<unknown>;
      readonly partitions: number | undefined;
      readonly names: { readonly sink: string; readonly source: string };
    },
  ): string {
    const { key, value, partitions, names } = options;
    const topic = repartitionTopic(name);
    this.repartitions.push({ name: topic.name, upstream: from.sources, partitions });
    this.sink(names.sink, [from.node], topic, key, value);
    this.source(names.source, topic, key, value);
    return names.source;
  }

  globalTable(table: GlobalTableSpec): void {
    this.globalTables.push({ table, before: this.nodes.length });
  }

  fault(message: string): void {
    this.faults.push(message);
  }
}

/** The partitions are filled in by `build`, when every input is known. */
function repartitionTopic(name: string): TopicUse {
  return {
    name: `${name}-repartition`,
    internal: true,
    partitions: 0,
    cleanupPolicy: 'delete',
    retentionMs: -1,
  };
}

export function topicUse(topic: TopicSettings & { readonly name: string }): TopicUse {
  const { name, partitions, cleanupPolicy, retentionMs } = topic;
  return { name, internal: false, partitions, cleanupPolicy, retentionMs };
}
