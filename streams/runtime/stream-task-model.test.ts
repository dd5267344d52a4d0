/** A task against a map, through every order of records, commits in flight, failures and crashes. */
import fc from 'fast-check';
import type { ProducedRecord } from '../log/log.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { CacheBudget } from '../state/cache-budget.ts';
import { MemoryTaskStorage } from '../state/memory-storage.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import type { StreamTask } from './stream-task.ts';
import { add, counts, openTask, type Row, words } from './stream-task-fixture.ts';
import type { TaskCommit } from './task-commit.ts';

/** A key with a count, or the dead letter of one. */
type Counted = readonly [key: string, value: number | string];

const row = fc.tuple(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.constantFrom('x', 'y', 'boom'),
  fc.nat(20),
);
const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), rows: fc.array(row, { maxLength: 5 }) }),
  fc.record({ do: fc.constant('process' as const), records: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constantFrom('prepare' as const, 'confirm' as const) }),
  fc.record({ do: fc.constantFrom('rollback' as const, 'crash' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Counts by key; a record that says 'boom' fails after it was counted. */
function counting() {
  const builder = new StreamsBuilder();
  const table = builder.stream(words).groupByKey('by-key').count('counts');
  table.toStream().to(counts);
  builder.stream(words).peek(({ value }) => {
    if (value === 'boom') throw new Error('boom');
  });
  return builder.build();
}

/** A log of one partition, the task that reads it, and what its commits have made durable. */
class Run {
  readonly log: Row[] = [];
  readonly written: ProducedRecord[] = [];
  readonly storage = new MemoryTaskStorage();
  readonly #cacheMaxBytes: number;
  readonly #topology = counting();
  #task: StreamTask;
  #inFlight: TaskCommit | undefined;
  #committed = 0;

  constructor(cacheMaxBytes: number) {
    this.#cacheMaxBytes = cacheMaxBytes;
    this.#task = this.#openTask();
  }

  act(next: Step): void {
    if (next.do === 'add') {
      add(this.#task, words, next.rows, this.log.length);
      this.log.push(...next.rows);
    } else if (next.do === 'process') this.#task.process(next.records);
    else this[next.do]();
  }

  prepare(): void {
    this.#inFlight ??= this.#task.prepareCommit();
  }

  confirm(): void {
    if (this.#inFlight === undefined) return;
    const { writes, outputs, offsets } = this.#inFlight;
    this.storage.apply(writes);
    this.#task.committed();
    this.written.push(...outputs);
    this.#committed = Number(offsets[0]?.offset ?? this.#committed);
    this.#inFlight = undefined;
  }

  rollback(): void {
    this.#task.rollback();
    this.#inFlight = undefined;
  }

  crash(): void {
    this.#task = this.#openTask();
    this.#inFlight = undefined;
    add(this.#task, words, this.log.slice(this.#committed), this.#committed);
  }

  finish(): void {
    this.confirm();
    this.#task.process(Number.POSITIVE_INFINITY);
    this.prepare();
    this.confirm();
  }

  #openTask(): StreamTask {
    const cacheBudget = this.#cacheMaxBytes > 0 ? new CacheBudget(this.#cacheMaxBytes) : undefined;
    return openTask(this.#topology, this.storage, { cacheBudget }).task;
  }
}

const counted = 'counts what a map counts, whatever is in flight, committed, rolled back or lost';

// Without a cache; with one that holds nothing for long, two keys, and everything.
test.each([0, 1, 360, 100_000])(`${counted}: a cache of %i bytes`, (cacheMaxBytes) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const run = new Run(cacheMaxBytes);
      for (const next of steps) run.act(next);
      run.finish();
      const model = new Map<string, number>();
      const outputs: Counted[] = [];
      for (const [key, value] of run.log) {
        if (value !== 'boom') model.set(key, (model.get(key) ?? 0) + 1);
        outputs.push([key, value === 'boom' ? value : (model.get(key) as number)]);
      }
      const kept = [...run.storage.range('counts', undefined, undefined)].map(
        ([key, value]) =>
          [stringSerde.deserialize(key), longSerde.deserialize(value.subarray(8))] as const,
      );
      expect(new Map(kept)).toEqual(model);
      const written = run.written.map(keyAndValue);
      if (cacheMaxBytes <= 1) expect(written).toEqual(outputs);
      else
        for (const key of ['a', 'b', 'c', 'd']) expectToFollow(of(key, written), of(key, outputs));
    }),
  );
});

const of = (key: string, records: readonly Counted[]) => records.filter(([found]) => found === key);
const isLetter = ([, value]: Counted) => value === 'boom';

/** Every dead letter, and of the counts some, in order, the last one among them. */
function expectToFollow(written: readonly Counted[], all: readonly Counted[]): void {
  expect(written.filter(isLetter)).toEqual(all.filter(isLetter));
  const found = written.filter((one) => !isLetter(one)).map(([, count]) => count);
  const counts = all.filter((one) => !isLetter(one)).map(([, count]) => count);
  expect(found).toEqual(counts.filter((count) => found.includes(count)));
  expect(found.at(-1)).toBe(counts.at(-1));
}

function keyAndValue({ topic, key, value }: ProducedRecord): Counted {
  const isCount = topic === counts.name;
  return [String(key), isCount ? longSerde.deserialize(value as Buffer) : String(value)];
}
