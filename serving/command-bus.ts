/**
 * Sends commands to their deciders and hears what was decided.
 *
 *   send ──▶ command topic ──▶ decider ──▶ commands.replies ──▶ the one reader of this process ──▶ send
 */
import { type CommandId, type CommandReply, commandReplies } from '#schemas/replies';
import type { Deserializer, Log, LogReader, RecordBatch, SchemaRegistry, Topic } from '#streams';
import { notTaken } from './not-taken.ts';
import { problem } from './problem.ts';
import { type TopicEntry, type TopicWriter, topicWriter } from './topic-writer.ts';

interface Identified {
  readonly commandId: CommandId;
}

export interface SendOptions {
  /** @defaultValue 5_000 */
  readonly timeoutMs?: number | undefined;
}

export interface CommandBus {
  /**
   * Sends a command and waits for its reply.
   *
   * @throws Problem `not-decided-in-time` when no reply came, or the log did not say whether it took
   *   the command, which may still take effect. `log-unavailable` when the log did not take it.
   */
  send<K, V>(
    topic: Topic<K, V>,
    key: K,
    command: V & Identified,
    options?: SendOptions,
  ): Promise<CommandReply>;

  /** Makes a command durable and does not wait for the decision. @throws as `send` */
  submit<K, V>(topic: Topic<K, V>, key: K, command: V): Promise<void>;

  /**
   * Makes many commands durable, in order, pulling from `commands` no faster than the log takes
   * them. Answers how many there were.
   */
  submitAll<K, V>(topic: Topic<K, V>, commands: AsyncIterable<TopicEntry<K, V>>): Promise<number>;

  close(): Promise<void>;
}

/** How long one poll of the replies waits; only says how soon `close` ends. */
const pollWaitMs = 500;
/** Records in one append of `submitAll`: amortises the commit, keeps memory small. */
const batchSize = 500;
/** After a failed poll, before the next. */
const pollBackoffMs = 200;

type Waiter = (reply: CommandReply) => void;

export async function openCommandBus(options: {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly clock: { nowMs(): number };
  /** Told when the replies cannot be read; it is tried again. */
  readonly onError?: (error: unknown) => void;
}): Promise<CommandBus> {
  const { log, registry } = options;
  const writer = topicWriter(options);
  const waiters = new Map<string, Set<Waiter>>();
  const replies = await openReplies(log, registry, waiters, options.onError ?? (() => {}));

  return {
    async send(topic, key, command, { timeoutMs = 5_000 } = {}) {
      const reply = replyTo(waiters, command.commandId, timeoutMs);
      try {
        await append(writer, topic, [{ key, value: command }]);
        return await reply.promise;
      } finally {
        reply.forget();
      }
    },
    submit: (topic, key, command) => append(writer, topic, [{ key, value: command }]),
    submitAll: (topic, commands) => submitAll(writer, topic, commands),
    close: () => replies.close(),
  };
}

async function append<K, V>(
  writer: TopicWriter,
  topic: Topic<K, V>,
  entries: readonly TopicEntry<K, V>[],
): Promise<void> {
  try {
    await writer.append(topic, entries);
  } catch (cause) {
    throw notTaken(topic.name, cause);
  }
}

async function submitAll<K, V>(
  writer: TopicWriter,
  topic: Topic<K, V>,
  commands: AsyncIterable<TopicEntry<K, V>>,
): Promise<number> {
  let batch: TopicEntry<K, V>[] = [];
  let inFlight: Promise<void> = Promise.resolve();
  let count = 0;
  // One batch is on its way while the next is read: the log and the socket work side by side.
  const flush = async (): Promise<void> => {
    await inFlight;
    inFlight = append(writer, topic, batch);
    inFlight.catch(() => {}); // Thrown by whoever awaits it next.
    batch = [];
  };

  try {
    for await (const command of commands) {
      count += 1;
      if (batch.push(command) === batchSize) await flush();
    }
  } finally {
    // What was read before a broken input is kept: its lines are in the report.
    await flush();
    await inFlight;
  }
  return count;
}

function replyTo(waiters: Map<string, Set<Waiter>>, id: CommandId, timeoutMs: number) {
  let waiter: Waiter = () => {};
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<CommandReply>((resolve, reject) => {
    waiter = resolve;
    timer = setTimeout(() => reject(notDecided(timeoutMs)), timeoutMs);
  });
  promise.catch(() => {}); // When the append fails nobody awaits it.
  const all = waiters.get(id) ?? new Set();
  waiters.set(id, all.add(waiter));

  const forget = (): void => {
    clearTimeout(timer);
    all.delete(waiter);
    if (all.size === 0) waiters.delete(id);
  };
  return { promise, forget };
}

function notDecided(timeoutMs: number): Error {
  const detail =
    `no decision within ${timeoutMs} ms; it may still take effect. ` +
    'Repeat the request with the same Idempotency-Key: it is done once';
  return problem('not-decided-in-time', detail, { retryAfterS: 2 });
}

async function openReplies(
  log: Log,
  registry: SchemaRegistry,
  waiters: ReadonlyMap<string, ReadonlySet<Waiter>>,
  onError: (error: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  const { name, value } = commandReplies;
  const serde = (await value.forTopic?.({ topic: name, part: 'value', registry })) ?? value;
  const { offsets } = await log.describeTopic(name);
  const reader = log.openReader();
  reader.assign(offsets.map(({ end }, partition) => ({ topic: name, partition, offset: end })));

  const state = { closing: false };
  const loop = pollReplies(reader, state, onError, (batches) => deliver(batches, serde, waiters));
  return {
    async close() {
      state.closing = true;
      await reader.close();
      await loop;
    },
  };
}

async function pollReplies(
  reader: LogReader,
  state: { readonly closing: boolean },
  onError: (error: unknown) => void,
  onBatches: (batches: readonly RecordBatch[]) => void,
): Promise<void> {
  while (!state.closing) {
    try {
      onBatches(await reader.poll({ maxWaitMs: pollWaitMs, maxRecords: 5_000 }));
    } catch (error) {
      if (state.closing) return;
      onError(error);
      await new Promise((resolve) => setTimeout(resolve, pollBackoffMs));
    }
  }
}

function deliver(
  batches: readonly RecordBatch[],
  serde: Deserializer<CommandReply>,
  waiters: ReadonlyMap<string, ReadonlySet<Waiter>>,
): void {
  for (const { records } of batches) {
    for (const { value } of records) {
      // Replies to feeds come by the thousand and nobody here waits for them.
      if (waiters.size === 0) return;
      if (value === null) continue;
      const reply = serde.deserialize(value);
      for (const waiter of waiters.get(reply.commandId) ?? []) waiter(reply);
    }
  }
}
