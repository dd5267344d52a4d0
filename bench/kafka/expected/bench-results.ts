/** The results of the programs that are not Nexmark's. */
import { longSerde } from '#streams';
import { type BenchEvent, benchEvents, customers } from '../data/bench-events.ts';
import type { DataSize } from '../data/input-record.ts';
import type { ExpectedResult, ResultRecord } from './result.ts';

const windowMs = 10_000;

export function expectedMap(size: DataSize): ExpectedResult {
  return { compared: 'every-record', records: mapped(size, ({ value }) => value.toUpperCase()) };
}

export function expectedJoin(size: DataSize): ExpectedResult {
  const rows = new Map([...customers(size)].map(({ key, value }) => [key, value]));
  const joined = ({ key, value }: BenchEvent) => value + (rows.get(key) ?? '');
  return { compared: 'every-record', records: mapped(size, joined) };
}

export function expectedCount(size: DataSize): ExpectedResult {
  return counted(size, ({ key }) => key);
}

export function expectedWindowedCount(size: DataSize): ExpectedResult {
  return counted(
    size,
    ({ key, timestampMs }) => `${key}@${timestampMs - (timestampMs % windowMs)}`,
  );
}

export function expectedRepartition(size: DataSize): ExpectedResult {
  return counted(size, ({ key }) => `r${key.slice(2)}`);
}

function* mapped(size: DataSize, map: (event: BenchEvent) => string): Generator<ResultRecord> {
  for (const event of benchEvents(size)) yield { key: event.key, value: Buffer.from(map(event)) };
}

function counted(size: DataSize, group: (event: BenchEvent) => string): ExpectedResult {
  const counts = new Map<string, number>();
  for (const event of benchEvents(size)) {
    const key = group(event);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return { compared: 'newest-of-key', records: countRecords(counts) };
}

/** Counts as every engine writes them: 64 bits, big-endian. */
export function countRecords(counts: ReadonlyMap<string, number>): ResultRecord[] {
  return [...counts].map(([key, count]) => ({ key, value: longSerde.serialize(count) }));
}
