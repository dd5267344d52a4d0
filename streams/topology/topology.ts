/**
 * A topology as plain data: what the DSL writes down and the runtime compiles. Names of internal
 * topics lack the application's id here, as in Kafka Streams' descriptions; `internalTopicName`
 * adds it.
 */
import type { Operator } from '../processor.ts';
import type { Deserializer, Serde, Serializer } from '../serde.ts';
import type { TopicSettings } from './topic.ts';

/** A topic as a node sees it. An internal topic is created by the application and named for it. */
export interface TopicUse extends TopicSettings {
  readonly name: string;
  readonly internal: boolean;
}

export interface SourceNode {
  readonly kind: 'source';
  readonly name: string;
  readonly topic: TopicUse;
  readonly key: Deserializer<unknown>;
  readonly value: Deserializer<unknown>;
}

export interface ProcessorNode {
  readonly kind: 'processor';
  readonly name: string;
  readonly parents: readonly string[];
  readonly stores: readonly string[];
  readonly globalTables: readonly string[];
  readonly operator: Operator<never, never, unknown, unknown>;
}

export interface SinkNode {
  readonly kind: 'sink';
  readonly name: string;
  readonly parents: readonly string[];
  readonly topic: TopicUse;
  readonly key: Serializer<never>;
  readonly value: Serializer<never>;
}

export type TopologyNode = SourceNode | ProcessorNode | SinkNode;

interface StoreSettings {
  readonly name: string;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  /** Whether it has a changelog topic, `<application>-<name>-changelog`. */
  readonly logged: boolean;
  /** Of a table: whether updates of its rows may be held back until the next commit. */
  readonly cached?: boolean;
}

/**
 * `key-value`: the user's own, value bytes as they are. `timestamped`: behind a table, eight bytes
 * of time before the value. `window`: the same under `key ‖ int64 start ‖ int32 sequence`.
 * `session`: value bytes as they are, under `key ‖ int64 end ‖ int64 start`. `join-buffer`: value
 * bytes as they are, under the keys of a window store, told apart by the sequence.
 */
export type StoreSpec =
  | (StoreSettings & { readonly kind: 'key-value' | 'timestamped' })
  | (StoreSettings & {
      readonly kind: 'window';
      readonly windowSizeMs: number;
      readonly retentionMs: number;
    })
  | (StoreSettings & { readonly kind: 'session'; readonly retentionMs: number })
  | (StoreSettings & {
      readonly kind: 'join-buffer';
      readonly retentionMs: number;
      /** The buffer of the other side. */
      readonly joinedWith: string;
    });

export interface GlobalTableSpec {
  readonly name: string;
  readonly sourceName: string;
  readonly topic: TopicUse;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
}

/** What must run together: one task for each partition, from 0 to `partitions` - 1. */
export interface SubTopology {
  readonly id: number;
  /** Names, parents before children. */
  readonly nodes: readonly string[];
  readonly stores: readonly string[];
  readonly sources: readonly TopicUse[];
  readonly sinks: readonly TopicUse[];
  /** The largest partition count of its sources: so many tasks. */
  readonly partitions: number;
}

export interface Topology {
  /** In the order in which they were added; parents come before their children. */
  readonly nodes: readonly TopologyNode[];
  readonly stores: readonly StoreSpec[];
  readonly globalTables: readonly GlobalTableSpec[];
  readonly subTopologies: readonly SubTopology[];
  /** Repartition topics, without the application's id. */
  readonly internalTopics: readonly TopicUse[];
  /** As Kafka Streams' `Topology#describe` prints it. */
  describe(): string;
}

/** The name of a topic in the log: internal ones begin with the application's id. */
export function topicName(topic: TopicUse, applicationId: string): string {
  return topic.internal ? `${applicationId}-${topic.name}` : topic.name;
}

export function changelogName(store: string, applicationId: string): string {
  return `${applicationId}-${store}-changelog`;
}

/** Where records go that cannot be read or processed, unless the application names another topic. */
export function deadLetterTopicName(applicationId: string): string {
  return `${applicationId}-dead-letters`;
}

/** `<sub-topology>_<partition>`, as Kafka Streams names its tasks. */
export function taskIdOf(subTopologyId: number, partition: number): string {
  return `${subTopologyId}_${partition}`;
}
