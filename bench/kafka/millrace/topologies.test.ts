import { stringSerde, topic } from '#streams';
import { TopologyTestDriver } from '#streams/testing';
import { loadedEvents } from '../data/bench-events.ts';
import type { DataSize, InputRecord } from '../data/input-record.ts';
import { loadedNexmark } from '../data/nexmark-generator.ts';
import type { ExpectedResult } from '../expected/result.ts';
import { throughputPrograms } from '../programs.ts';
import { nexmarkQueries } from './nexmark-queries.ts';
import { topologies } from './topologies.ts';

/** Two and a half minutes: many windows, and pauses that end sessions. */
const size: DataSize = {
  records: 3_000,
  keys: 50,
  eventsPerSecond: 20,
  baseMs: 1_700_000_000_000,
};
const bytes = {
  serialize: (value: Uint8Array) => value,
  deserialize: (value: Uint8Array) => value,
};
const output = topic('output', { key: stringSerde, value: bytes });

const programs = throughputPrograms.filter(
  ({ engines, options }) => engines.includes('millrace') && !options.program.startsWith('bare'),
);

test.each(programs)('$name writes what its input makes necessary', (program) => {
  const define = { ...topologies, ...nexmarkQueries }[program.options.program];
  if (define === undefined) throw new Error(`no topology of ours for ${program.name}`);
  const driver = new TopologyTestDriver(
    define({ prefix: 'in-', output: output.name, recordHandled: () => undefined }),
    { partitions: 4 },
  );
  const loaded = program.data === 'events' ? loadedEvents(size) : loadedNexmark(size);
  const read = [...program.inputs, ...(program.tables ?? [])];
  for (const record of loaded) if (read.includes(record.topic)) pipe(driver, record);

  const { compared, records } = program.expected(size);
  const expected = [...records].map(({ key, value }) => shown(key, value));
  expect(expected.length).toBeGreaterThan(0);
  expect(written(driver, compared).sort()).toEqual(expected.sort());
});

function pipe(driver: TopologyTestDriver, record: InputRecord): void {
  const { key, value, timestampMs } = record;
  const input = topic(`in-${record.topic}`, { key: stringSerde, value: bytes });
  driver.input(input).pipe(key, value, { timestampMs });
}

function written(driver: TopologyTestDriver, compared: ExpectedResult['compared']): string[] {
  const all = driver.output(output).records();
  const newest = [...new Map(all.map((record) => [record.key, record])).values()];
  return (compared === 'every-record' ? all : newest).flatMap(({ key, value }) =>
    value === undefined ? [] : shown(key, value),
  );
}

function shown(key: string, value: Uint8Array): string {
  return `${key} ${Buffer.from(value).toString('latin1')}`;
}
