/** Sinks of one topic with a view in memory, for the tests of the runner. */
import { avro, type MemoryLog, memoryLog, memoryRegistry, type Serde, topic } from '#streams';
import { gap, SinkError } from './sink-error.ts';
import { sinkFeed } from './sink-feed.ts';
import { type RunningSink, runSink, type SinkOptions } from './sink-runner.ts';
import type { Timing } from './timing.ts';
import type { ChangeBatch, Position, ViewWriter } from './views/view.ts';

const Level = avro.record('Level', { units: avro.int });
type Level = { readonly units: number };
export const levels = topic('contract.levels', { key: avro.string, value: Level, partitions: 2 });
const registry = memoryRegistry();

/** A view in memory that fails as it is told. */
export class MemoryView implements ViewWriter<string, Level> {
  readonly name = 'memory';
  readonly rows = new Map<string, Level>();
  readonly sizes: number[] = [];
  readonly #positions = new Map<number, Position>();
  /** Thrown by the next applications, one each. */
  readonly failures: Error[] = [];
  refuses = (_key: string, _value: Level): boolean => false;

  /** As a view is after it was rebuilt beside its sink: with less than the sink has written. */
  begin(): void {
    this.rows.clear();
    for (const [partition, position] of this.#positions) {
      this.#positions.set(partition, { ...position, nextOffset: 0n });
    }
  }

  /** As a view is whose store was emptied: also without positions. */
  empty(): void {
    this.rows.clear();
    this.#positions.clear();
  }

  positions = async (): Promise<readonly Position[]> => [...this.#positions.values()];

  apply = async (batches: readonly ChangeBatch<string, Level>[]): Promise<void> => {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    for (const batch of batches) {
      const { nextOffset } = this.#positions.get(batch.partition) ?? { nextOffset: 0n };
      if (batch.fromOffset > nextOffset) throw gap(this.name, batch, nextOffset);
    }
    const changes = batches.flatMap((batch) => batch.changes);
    for (const { key, value } of changes) {
      if (value !== null && this.refuses(key, value)) {
        throw new SinkError('SINK_REJECTED', `no room for '${key}'`);
      }
    }
    this.sizes.push(changes.length);
    for (const { key, value } of changes) {
      if (value === null) this.rows.delete(key);
      else this.rows.set(key, value);
    }
    for (const { topic: name, partition, nextOffset } of batches) {
      this.#positions.set(partition, { topic: name, partition, nextOffset });
    }
  };
}

/** No time passes: sleeps are noted and over at once. */
export function testTiming() {
  const slept: number[] = [];
  const timing: Timing = {
    nowMs: () => 1_000,
    random: () => 0,
    sleep: async (ms) => {
      slept.push(ms);
    },
  };
  return { timing, slept };
}

const running: RunningSink[] = [];
const logs: MemoryLog[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sink) => sink.close()));
  await Promise.all(logs.splice(0).map((log) => log.close()));
});

export async function openLog(): Promise<MemoryLog> {
  const log = memoryLog();
  logs.push(log);
  const { name, partitions, cleanupPolicy, retentionMs } = levels;
  await log.createTopics([{ name, partitions, cleanupPolicy, retentionMs }]);
  return log;
}

export async function start(
  log: MemoryLog,
  view: MemoryView,
  options: Partial<SinkOptions> = {},
): Promise<RunningSink> {
  const sink = await runSink({
    name: 'levels',
    log,
    registry,
    feeds: [sinkFeed(levels, view)],
    timing: testTiming().timing,
    ...options,
  });
  running.push(sink);
  return sink;
}

export async function produce(
  log: MemoryLog,
  entries: readonly (readonly [string, number | null])[],
) {
  const value = (await levels.value.forTopic?.({
    topic: levels.name,
    part: 'value',
    registry,
  })) as Serde<Level>;
  await log.append(
    entries.map(([key, units]) => ({
      topic: levels.name,
      key: Buffer.from(key),
      value: units === null ? null : value.serialize({ units }),
      timestampMs: 0,
      headers: [],
    })),
  );
}

export const rowsOf = (view: MemoryView) =>
  Object.fromEntries([...view.rows].map(([key, { units }]) => [key, units]));
