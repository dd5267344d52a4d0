/** Publishes facts: reference data, feeds, and what visitors do. */
import { type BehaviourEvent, behaviourEvents } from '#schemas/behaviour';
import type { UserId } from '#schemas/users';
import type { Log, SchemaRegistry, Topic } from '#streams';
import { notTaken } from './not-taken.ts';
import { type TopicEntry, topicWriter } from './topic-writer.ts';

export interface FactWriter {
  /** Durable when the promise resolves. `null` deletes the key. @throws as `notTaken` */
  publish<K, V>(topic: Topic<K, V>, key: K, value: V | null): Promise<void>;

  /** Notes what a visitor did. Never waits and never fails: see `droppedCount`. */
  note(userId: UserId, event: BehaviourEvent): void;

  /** Behaviour events that were dropped because the log was too slow or away. */
  readonly droppedCount: number;

  /** Writes what is still queued. */
  close(): Promise<void>;
}

/** What visitors did is worth less than the memory that a log away for minutes would cost. */
const queueLimit = 10_000;
const batchSize = 1_000;

type Note = TopicEntry<UserId, BehaviourEvent>;

export function openFactWriter(options: {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly clock: { nowMs(): number };
}): FactWriter {
  const writer = topicWriter(options);
  let queue: Note[] = [];
  let droppedCount = 0;
  let draining: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue.slice(0, batchSize);
      queue = queue.slice(batchSize);
      try {
        await writer.append(behaviourEvents, batch);
      } catch {
        droppedCount += batch.length;
      }
    }
    draining = undefined;
  };

  return {
    async publish(topic, key, value) {
      try {
        await writer.append(topic, [{ key, value }]);
      } catch (cause) {
        throw notTaken(topic.name, cause);
      }
    },
    note(key, value) {
      if (queue.length >= queueLimit) {
        droppedCount += 1;
        return;
      }
      queue.push({ key, value });
      draining ??= drain();
    },
    get droppedCount() {
      return droppedCount;
    },
    async close() {
      await draining;
    },
  };
}
