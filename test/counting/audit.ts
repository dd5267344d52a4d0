/** Reads topics as any consumer would, read-committed, and says what is not as it must be. */
import type { ConsumedRecord, Log, RecordBatch } from '../../streams/log/log.ts';
import { type Counting, keyOf } from './counting.ts';

export type Counts = ReadonlyMap<string, number>;

/**
 * Follows one count from 1 to the next, key by key: none may come twice and, unless some are held
 * back by a cache, none may be missing.
 */
export class CountSequence {
  readonly counts = new Map<string, number>();
  readonly faults: string[] = [];
  readonly #mayLeap: boolean;
  /** Of all keys. */
  total = 0;

  constructor(mayLeap: boolean) {
    this.#mayLeap = mayLeap;
  }

  add({ topic, partition }: RecordBatch, { offset, key, value }: ConsumedRecord): void {
    const name = textOf(key);
    const count = longOf(value);
    const before = this.counts.get(name) ?? 0;
    const isNext = this.#mayLeap ? count > before : count === before + 1;
    if (!isNext) {
      this.faults.push(
        `${name} went from ${before} to ${count} at ${topic} ${partition}, offset ${offset}`,
      );
    }
    this.counts.set(name, count);
    this.total += count - before;
  }
}

/** Reads the output while it is written, so that a fault is known when it happens. */
export class OutputFollower {
  readonly sequence: CountSequence;
  readonly #log: Log;
  readonly #topic: string;
  #isFollowing = true;
  #following: Promise<void> = Promise.resolve();

  constructor(log: Log, { counted }: Counting, mayLeap: boolean) {
    this.#log = log;
    this.#topic = counted.name;
    this.sequence = new CountSequence(mayLeap);
  }

  start(): void {
    this.#following = this.#follow();
  }

  async stop(): Promise<void> {
    this.#isFollowing = false;
    await this.#following;
  }

  async #follow(): Promise<void> {
    const reader = this.#log.openReader();
    reader.assign(await wholeTopic(this.#log, this.#topic));
    while (this.#isFollowing) {
      try {
        for (const batch of await reader.poll({ maxWaitMs: 200 })) {
          for (const record of batch.records) this.sequence.add(batch, record);
        }
      } catch (error) {
        this.sequence.faults.push(`the output could not be followed: ${error}`);
        this.#isFollowing = false;
      }
    }
    await reader.close();
  }
}

/** What must be counted: by key, how many inputs there are. */
export async function expectedCounts(
  log: Log,
  { inputs }: Counting,
  acknowledged: ReadonlySet<string>,
): Promise<{ readonly expected: Counts; readonly faults: readonly string[] }> {
  const seen = await numbersIn(log, inputs.name);
  const faults = twice('input', seen);
  for (const number of acknowledged) {
    if (!seen.has(number)) faults.push(`input ${number} was acknowledged and is not there`);
  }
  const expected = new Map<string, number>();
  for (const number of seen.keys()) {
    expected.set(keyOf(number), (expected.get(keyOf(number)) ?? 0) + 1);
  }
  return { expected, faults };
}

/** Every count of every key came out once, in order; `mayLeap`: but for those held back. */
export async function outputFaults(
  log: Log,
  { counted }: Counting,
  expected: Counts,
  mayLeap: boolean,
): Promise<string[]> {
  const sequence = new CountSequence(mayLeap);
  await readTopic(log, counted.name, (batch, record) => sequence.add(batch, record));
  return [...sequence.faults, ...differences('output', sequence.counts, expected)];
}

/** Every input was sent on once. Only where nothing is purged. */
export async function repartitionFaults(
  log: Log,
  { repartitionTopic }: Counting,
  expected: Counts,
): Promise<string[]> {
  const seen = await numbersIn(log, repartitionTopic);
  const counts = new Map<string, number>();
  for (const [number, times] of seen) {
    counts.set(keyOf(number), (counts.get(keyOf(number)) ?? 0) + times);
  }
  return [...twice('repartitioned input', seen), ...differences('repartition', counts, expected)];
}

export async function changelogFaults(
  log: Log,
  { changelogTopic }: Counting,
  expected: Counts,
): Promise<string[]> {
  const counts = new Map<string, number>();
  await readTopic(log, changelogTopic, (_, { key, value }) => {
    counts.set(textOf(key), longOf(value));
  });
  return differences('changelog', counts, expected);
}

export function differences(where: string, found: Counts, expected: Counts): string[] {
  const keys = new Set([...found.keys(), ...expected.keys()]);
  return [...keys]
    .filter((key) => found.get(key) !== expected.get(key))
    .map((key) => `${where}: ${key} is ${found.get(key)}, of ${expected.get(key)} inputs`);
}

async function numbersIn(log: Log, topic: string): Promise<ReadonlyMap<string, number>> {
  const seen = new Map<string, number>();
  await readTopic(log, topic, (_, { value }) => {
    const number = textOf(value);
    seen.set(number, (seen.get(number) ?? 0) + 1);
  });
  return seen;
}

function twice(what: string, seen: ReadonlyMap<string, number>): string[] {
  return [...seen]
    .filter(([, times]) => times > 1)
    .map(([number, times]) => `${what} ${number} is there ${times} times`);
}

async function readTopic(
  log: Log,
  topic: string,
  each: (batch: RecordBatch, record: ConsumedRecord) => void,
): Promise<void> {
  const { offsets } = await log.describeTopic(topic);
  const left = new Map(
    offsets.flatMap(({ beginning, end }, partition) => (end > beginning ? [[partition, end]] : [])),
  );
  const reader = log.openReader();
  reader.assign(await wholeTopic(log, topic));
  while (left.size > 0) {
    for (const batch of await reader.poll({ maxWaitMs: 1_000 })) {
      for (const record of batch.records) each(batch, record);
      const end = left.get(batch.partition);
      if (end !== undefined && batch.nextOffset >= end) left.delete(batch.partition);
    }
  }
  await reader.close();
}

async function wholeTopic(log: Log, topic: string) {
  const { offsets } = await log.describeTopic(topic);
  return offsets.map(({ beginning }, partition) => ({ topic, partition, offset: beginning }));
}

function textOf(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString();
}

/** The last eight bytes: a changelog may have the time before them. */
function longOf(bytes: Uint8Array | null): number {
  return bytes === null ? 0 : Number(Buffer.from(bytes).readBigInt64BE(bytes.length - 8));
}
