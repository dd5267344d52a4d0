/** A topic: its name, what its keys and values are, and how it is kept. */
import type { SchemaRegistry } from '../avro/registry.ts';
import type { Deserializer, Serde, Serializer } from '../serde.ts';

/**
 * `compact` keeps the latest record of each key; `delete` drops what is older than the retention.
 */
export type CleanupPolicy = 'delete' | 'compact' | 'compact,delete';

/**
 * How a topic is kept. Checked when an application starts: a topic that exists must have the same.
 */
export interface TopicSettings {
  /** Number of partitions when the topic is created. @defaultValue 4 */
  readonly partitions: number;
  /** @defaultValue `'delete'` @see cleanup.policy */
  readonly cleanupPolicy: CleanupPolicy;
  /**
   * Milliseconds a record is kept under `delete`; -1 for ever.
   *
   * @defaultValue -1
   * @see retention.ms
   */
  readonly retentionMs: number;
}

/** A topic that can be read and written. */
export interface Topic<K, V> extends TopicSettings {
  readonly name: string;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
}

/** A topic seen by a reader: it yields `V` or something narrower. */
export interface ReadableTopic<K, V> extends TopicSettings {
  readonly name: string;
  readonly key: Deserializer<K>;
  readonly value: Deserializer<V>;
}

/** A topic seen by a writer: it accepts `V` or something wider. */
export interface WritableTopic<K, V> extends TopicSettings {
  readonly name: string;
  readonly key: Serializer<K>;
  readonly value: Serializer<V>;
}

/**
 * Declares a topic; it is created when an application that uses it starts. `name`: 1 to 249
 * letters, digits, `.`, `_` and `-`. What is wrong with a declaration is told by `build` and
 * `createTopics`.
 */
export function topic<K, V>(
  name: string,
  options: { readonly key: Serde<K>; readonly value: Serde<V> } & Partial<TopicSettings>,
): Topic<K, V> {
  return { partitions: 4, cleanupPolicy: 'delete', retentionMs: -1, ...options, name };
}

/** The serdes of a topic as they are used in it: what carries a schema is registered. */
export async function topicSerdes<K, V>(
  { name, key, value }: Pick<Topic<K, V>, 'name' | 'key' | 'value'>,
  registry: SchemaRegistry,
): Promise<{ readonly key: Serde<K>; readonly value: Serde<V> }> {
  return {
    key: (await key.forTopic?.({ topic: name, part: 'key', registry })) ?? key,
    value: (await value.forTopic?.({ topic: name, part: 'value', registry })) ?? value,
  };
}
