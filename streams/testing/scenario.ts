/** Given, when, then: a topology's rules as a test tells them. Runs on the test driver. */
import { deepStrictEqual } from 'node:assert';
import type { Header, StreamRecord } from '../record.ts';
import { deadLetterHeaderPrefix } from '../runtime/dead-letter.ts';
import type { ReadableTopic, WritableTopic } from '../topology/topic.ts';
import type { Topology } from '../topology/topology.ts';
import { plain } from './plain.ts';
import { TopologyTestDriver, type TopologyTestDriverOptions } from './topology-test-driver.ts';

/**
 * A record on its way into a topic. Made by `input`, which checks it against the topic's schemas.
 */
export interface Input {
  readonly topic: WritableTopic<never, never>;
  readonly record: StreamRecord<unknown, unknown>;
}

/** A record for `topic`, 0 milliseconds since the epoch unless told otherwise. */
export function input<K, V>(
  topic: WritableTopic<K, V>,
  key: NoInfer<K>,
  value: NoInfer<V>,
  timestampMs = 0,
  headers: readonly Header[] = [],
): Input {
  return { topic, record: { key, value, timestampMs, headers } };
}

/** The deletion of a key. */
export function tombstone<K>(
  topic: WritableTopic<K, never>,
  key: NoInfer<K>,
  timestampMs = 0,
): Input {
  return { topic, record: { key, value: undefined, timestampMs } };
}

/** A story in the making; a step that does not hold throws an AssertionError. */
export interface Scenario {
  /** What happened before. Its output is not looked at. */
  given(...inputs: Input[]): Scenario;
  /** What happens now. */
  when(...inputs: Input[]): Scenario;
  /** Moves the wall clock on, which fires punctuators. */
  whenTimePasses(ms: number): Scenario;
  /**
   * The exact values that were written to `topic` since the last look at it or the last `given`, in
   * order; `undefined` is a tombstone.
   */
  thenEmits<V>(
    topic: ReadableTopic<unknown, V>,
    expected: readonly (NoInfer<V> | undefined)[],
  ): Scenario;
  /** The same with keys: `[key, value]`. */
  thenEmitsRecords<K, V>(
    topic: ReadableTopic<K, V>,
    expected: readonly (readonly [key: NoInfer<K>, value: NoInfer<V> | undefined])[],
  ): Scenario;
}

/**
 * A topology and a story about it. A record that became a dead letter fails the story where it
 * happened, with the error that made it one.
 */
export function scenario(topology: Topology, options?: TopologyTestDriverOptions): Scenario {
  const driver = new TopologyTestDriver(topology, options);
  const pipe = (inputs: readonly Input[]) => {
    for (const { topic, record } of inputs) {
      const { key, value, timestampMs, headers = [] } = record;
      driver.input(topic).pipe(key as never, value as never, { timestampMs, headers });
      failOnDeadLetter(driver, topic.name);
    }
  };
  const steps: Scenario = {
    given: (...inputs) => {
      pipe(inputs);
      driver.forgetOutput();
      return steps;
    },
    when: (...inputs) => {
      pipe(inputs);
      return steps;
    },
    whenTimePasses: (ms) => {
      driver.advanceWallClock(ms);
      return steps;
    },
    thenEmits: (topic, expected) => {
      const written = driver.output(topic).values();
      mustEqual(written, expected, topic.name);
      return steps;
    },
    thenEmitsRecords: (topic, expected) => {
      const written = driver.output(topic).records();
      const pairs = written.map(({ key, value }) => [key, value]);
      mustEqual(pairs, expected, topic.name);
      return steps;
    },
  };
  return steps;
}

function mustEqual(written: readonly unknown[], expected: readonly unknown[], topic: string): void {
  try {
    deepStrictEqual(written.map(plain), expected.map(plain));
  } catch (cause) {
    throw new Error(`written to '${topic}': ${(cause as Error).message}`, { cause });
  }
}

function failOnDeadLetter(driver: TopologyTestDriver, topic: string): void {
  const [letter] = driver.deadLetters();
  if (letter === undefined) return;
  const facts = letter.headers
    .filter(({ key }) => key.startsWith(deadLetterHeaderPrefix))
    .map(({ key, value }) => `${key.slice(deadLetterHeaderPrefix.length)}: ${value}`);
  throw new Error(`a record of '${topic}' became a dead letter: ${facts.join(', ')}`);
}
