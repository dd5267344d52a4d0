import type { StreamRecord } from '../record.ts';
import type { Topology } from '../topology/streams-builder.ts';
import type { ReadableTopic, WritableTopic } from '../topology/topic.ts';

/** A record on its way into a topic. Made by `input`, which checks it against the topic's schemas. */
export interface Input {
  readonly topic: WritableTopic<never, never>;
  readonly record: StreamRecord<unknown, unknown>;
}

export function input<K, V>(
  topic: WritableTopic<K, V>,
  key: NoInfer<K>,
  value: NoInfer<V>,
  timestampMs = 0,
): Input {
  return { topic, record: { key, value, timestampMs } };
}

export interface Scenario {
  /** What happened before. Its output is not looked at. */
  given(...inputs: Input[]): Scenario;
  when(...inputs: Input[]): Scenario;
  /** Moves the wall clock on, which fires punctuators. */
  whenTimePasses(ms: number): Scenario;
  /** The exact values that were written to `topic` since `when`, in order. */
  thenEmits<V>(topic: ReadableTopic<unknown, V>, expected: readonly NoInfer<V>[]): Scenario;
}

export function scenario(_topology: Topology): Scenario {
  throw new Error('being built');
}
