/**
 * Our topologies against what Kafka Streams 4.3.1 itself wrote for the same input: every record of
 * every topic, outputs, changelogs and repartition topics, byte for byte.
 */
import { readFileSync } from 'node:fs';
import type { Header } from '#streams';
import { bytesSerde, topic } from '#streams';
import { TopologyTestDriver } from '#streams/testing';
import { goldenTopologies } from './golden-topologies.ts';

type Input = readonly [
  topic: string,
  key: string,
  value: string | null,
  timestampMs: number,
  header?: string,
];

interface GoldenRecord {
  /** Index of the input record that it came of. */
  readonly in: number;
  readonly topic: string;
  readonly k: string | null;
  readonly v: string | null;
  readonly ts: number;
  readonly h: readonly (readonly [key: string, value: string | null])[];
}

interface GoldenScenario {
  readonly name: string;
  readonly input: readonly Input[];
  readonly describe: readonly string[];
  readonly records: readonly GoldenRecord[];
}

const file = new URL('./kafka-streams-4.3.1.json', import.meta.url);
const { scenarios } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly scenarios: readonly GoldenScenario[];
};

const hex = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString('hex');
const hexHeaders = (headers: readonly Header[]) =>
  headers.map(({ key, value }) => [key, hex(value)] as const);

test('every scenario of the file has its topology', () => {
  expect(Object.keys(goldenTopologies).sort()).toEqual(scenarios.map(({ name }) => name).sort());
});

describe.each(scenarios)('$name', ({ name, input, describe: lines, records }) => {
  const golden = goldenTopologies[name];
  if (golden === undefined) throw new Error(`no topology for '${name}'`);

  test('writes what Kafka Streams writes, byte for byte', () => {
    const driver = new TopologyTestDriver(golden.build(), { applicationId: 'app' });
    const written: GoldenRecord[] = [];
    for (const [index, [topicName, key, value, timestampMs, header]] of input.entries()) {
      const headers = header === undefined ? [] : [{ key: 'h', value: Buffer.from(header) }];
      driver
        .input(topic(topicName, { key: bytesSerde, value: bytesSerde }))
        .pipe(Buffer.from(key), value === null ? undefined : Buffer.from(value), {
          timestampMs,
          headers,
        });
      for (const from of driver.unreadTopics) {
        for (const record of driver.bytes(from)) {
          const { key: k, value: v, timestampMs: ts, headers: h } = record;
          written.push({ in: index, topic: from, k: hex(k), v: hex(v), ts, h: hexHeaders(h) });
        }
      }
    }
    expect(written).toEqual(records);
  });

  if (golden.sameShape) {
    test('is described as Kafka Streams describes it', () => {
      const expected = renamed(lines.join('\n'), golden.names);
      expect(nodesOf(golden.build().describe())).toEqual(nodesOf(expected));
    });
  }
});

function renamed(text: string, names: Readonly<Record<string, string>>): string {
  return text.replace(/[\w-]+/g, (word) => names[word] ?? word);
}

/**
 * Sub-topologies in order, each with its nodes and their arrows. Nodes of equal size are printed in
 * the order of their names, and some names are ours.
 */
function nodesOf(description: string): string[][] {
  return description
    .split(/(?=Sub-topology)/)
    .map((part) => part.split(/\n(?= {4}\w)/).map((node) => node.trimEnd()))
    .map(([first = '', ...nodes]) => [first, ...nodes.sort()]);
}
