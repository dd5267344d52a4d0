/** Writes typed records to topics of the log: what commands and facts have in common. */
import type { Log, ProducedRecord, SchemaRegistry, Serializer, Topic } from '#streams';

export interface TopicEntry<K, V> {
  readonly key: K;
  /** `null` is a tombstone. */
  readonly value: V | null;
}

export interface TopicWriter {
  /** Durable, all of it or nothing, when the promise resolves. */
  append<K, V>(topic: Topic<K, V>, entries: readonly TopicEntry<K, V>[]): Promise<void>;
}

interface Encoder {
  readonly key: Serializer<unknown>;
  readonly value: Serializer<unknown>;
}

export function topicWriter(options: {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly clock: { nowMs(): number };
}): TopicWriter {
  const { log, registry, clock } = options;
  const encoders = new Map<string, Promise<Encoder>>();

  const encoderOf = <K, V>(topic: Topic<K, V>): Promise<Encoder> => {
    const known = encoders.get(topic.name);
    if (known) return known;
    const made = encoderFor(topic, registry);
    encoders.set(topic.name, made);
    // A registry that could not be reached must not be remembered as the answer.
    made.catch(() => encoders.delete(topic.name));
    return made;
  };

  return {
    async append(topic, entries) {
      if (entries.length === 0) return;
      const encoder = await encoderOf(topic);
      const timestampMs = clock.nowMs();
      const records = entries.map(
        ({ key, value }): ProducedRecord => ({
          topic: topic.name,
          key: encoder.key.serialize(key),
          value: value === null ? null : encoder.value.serialize(value),
          timestampMs,
          headers: [],
        }),
      );
      await log.append(records);
    },
  };
}

async function encoderFor<K, V>(topic: Topic<K, V>, registry: SchemaRegistry): Promise<Encoder> {
  const use = { topic: topic.name, registry };
  const [key, value] = await Promise.all([
    topic.key.forTopic?.({ ...use, part: 'key' }) ?? topic.key,
    topic.value.forTopic?.({ ...use, part: 'value' }) ?? topic.value,
  ]);
  return { key, value } as Encoder;
}
