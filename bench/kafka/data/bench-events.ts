/**
 * The data of the programs that are not Nexmark's: `events`, one a millisecond of event time, JSON of
 * about 100 bytes under evenly spread keys; `customers`, one row for each key, older than any event.
 */
import type { DataSize, InputRecord } from './input-record.ts';
import { seededRandom } from './seeded-random.ts';

const regions = ['eu', 'us', 'ap'];

export interface BenchEvent {
  readonly key: string;
  readonly value: string;
  readonly timestampMs: number;
}

export function* benchEvents({ records, keys, baseMs }: DataSize): Generator<BenchEvent> {
  const random = seededRandom(42);
  const hex = () => random.below(0x1_0000_0000).toString(16).padStart(8, '0');
  for (let i = 0; i < records; i++) {
    const key = eventKey(random.below(keys));
    const id = String(i).padStart(7, '0');
    const amount = `${random.below(1_000)}.${String(i % 100).padStart(2, '0')}`;
    const region = regions[i % regions.length];
    const pad = hex() + hex() + hex();
    const value = `{"id":"${id}","user":"${key}","amount":${amount},"region":"${region}","pad":"${pad}"}`;
    yield { key, value, timestampMs: baseMs + i };
  }
}

export function* customers({ keys, baseMs }: DataSize): Generator<BenchEvent> {
  for (let i = 0; i < keys; i++) {
    const value = `{"name":"customer ${i}","tier":${i % 5}}`;
    yield { key: eventKey(i), value, timestampMs: baseMs - 10_000 };
  }
}

export function* loadedEvents(size: DataSize): Generator<InputRecord> {
  for (const event of customers(size)) yield asInput('customers', event);
  for (const event of benchEvents(size)) yield asInput('events', event);
}

function asInput(topic: string, { key, value, timestampMs }: BenchEvent): InputRecord {
  return { topic, key, value: Buffer.from(value), timestampMs };
}

function eventKey(index: number): string {
  return `k${String(index).padStart(5, '0')}`;
}
