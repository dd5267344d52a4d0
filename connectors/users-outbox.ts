/**
 * Relays the users outbox to the topic `users.events`: in order, at least once. An entry leaves the
 * outbox after it is durable in the log; a crash in between sends it again, with the same number in
 * its header, by which a reader knows a repeat.
 */
import { userEvents } from '#schemas/users';
import type { Log, ProducedRecord, SchemaRegistry } from '#streams';
import { Alarm } from './alarm.ts';
import { backoffMs, systemTiming, type Timing } from './timing.ts';
import type { OutboxEntry, UsersOutbox } from './views/users-store.ts';

export const outboxIdHeader = 'millrace-outbox-id';

export interface UsersOutboxRelayOptions {
  readonly store: UsersOutbox;
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly timing?: Timing;
  /** Told of each failure; it is tried again. */
  readonly onTrouble?: (error: Error) => void;
}

export interface UsersOutboxRelay {
  /** Finishes the entries under way. */
  close(): Promise<void>;
}

const batchSize = 100;
const retryBackoff = { firstMs: 50, maxMs: 10_000 };
/** Writes of this process ring; another process may write too. */
const lookAgainMs = 5_000;

export async function relayUsersOutbox(
  options: UsersOutboxRelayOptions,
): Promise<UsersOutboxRelay> {
  const { store, log, registry, timing = systemTiming } = options;
  await log.createTopics([
    {
      name: userEvents.name,
      partitions: userEvents.partitions,
      cleanupPolicy: userEvents.cleanupPolicy,
      retentionMs: userEvents.retentionMs,
    },
  ]);
  const recordOf = await recordMaker(registry, timing);
  const alarm = new Alarm(timing);
  const stopListening = store.onOutbox(() => alarm.ring());

  /** Whether there may be more. */
  const relayBatch = async (): Promise<boolean> => {
    const entries = await store.outbox(batchSize);
    const last = entries.at(-1);
    if (last === undefined) return false;
    await log.append(entries.map(recordOf));
    await store.forget(last.id);
    return entries.length === batchSize;
  };

  const run = async (): Promise<void> => {
    let attempt = 0;
    while (!alarm.stopped) {
      try {
        if (!(await relayBatch())) await alarm.sleep(lookAgainMs);
        attempt = 0;
      } catch (error) {
        options.onTrouble?.(error instanceof Error ? error : new Error(String(error)));
        await alarm.sleep(backoffMs(retryBackoff, attempt, timing.random));
        attempt += 1;
      }
    }
  };
  const running = run();
  return {
    close: async () => {
      stopListening();
      alarm.stop();
      await running;
    },
  };
}

async function recordMaker(
  registry: SchemaRegistry,
  timing: Timing,
): Promise<(entry: OutboxEntry) => ProducedRecord> {
  const { name: topic } = userEvents;
  const key = (await userEvents.key.forTopic?.({ topic, part: 'key', registry })) ?? userEvents.key;
  const value =
    (await userEvents.value.forTopic?.({ topic, part: 'value', registry })) ?? userEvents.value;
  return ({ id, userId, event }) => ({
    topic,
    key: key.serialize(userId),
    value: value.serialize(event),
    timestampMs: timing.nowMs(),
    headers: [{ key: outboxIdHeader, value: Buffer.from(String(id)) }],
  });
}
