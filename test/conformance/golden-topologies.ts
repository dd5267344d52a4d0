/**
 * The topologies of the golden scenarios, written with our DSL. Where Kafka Streams generated a
 * name, the name is given here, because our stateful operators have no generated ones.
 */
import {
  hoppingWindows,
  longSerde,
  StreamsBuilder,
  sessionWindowedSerde,
  sessionWindows,
  stringSerde,
  type TimeWindows,
  topic,
  tumblingWindows,
  windowedSerde,
} from '#streams';
import type { Golden } from './golden.ts';
import { goldenJoins } from './golden-joins.ts';

const text = { key: stringSerde, value: stringSerde };
const counts = { key: stringSerde, value: longSerde };
const windowCounts = { key: windowedSerde(stringSerde, 10_000), value: longSerde };
const sessionCounts = { key: sessionWindowedSerde(stringSerde), value: longSerde };
const textTopic = (name: string) => topic(name, text);

export const goldenTopologies: Readonly<Record<string, Golden>> = {
  ...goldenJoins,

  'count-kv': {
    sameShape: true,
    names: { 'KSTREAM-AGGREGATE-0000000002': 'KSTREAM-AGGREGATE-STATE-STORE-0000000001' },
    build: () => {
      const builder = new StreamsBuilder();
      builder
        .stream(textTopic('in'))
        .groupByKey('by-key')
        .count('KSTREAM-AGGREGATE-STATE-STORE-0000000001')
        .toStream({ name: 'KTABLE-TOSTREAM-0000000003' })
        .to(topic('out', counts), { name: 'KSTREAM-SINK-0000000004' });
      return builder.build();
    },
  },

  'count-repartition': {
    sameShape: true,
    names: {
      'KSTREAM-AGGREGATE-0000000003': 'KSTREAM-AGGREGATE-STATE-STORE-0000000002',
      'KSTREAM-FILTER-0000000005': 'KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition-filter',
      'KSTREAM-SINK-0000000004': 'KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition-sink',
      'KSTREAM-SOURCE-0000000006': 'KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition-source',
    },
    build: () => {
      const name = 'KSTREAM-AGGREGATE-STATE-STORE-0000000002';
      const builder = new StreamsBuilder();
      builder
        .stream(textTopic('in'))
        .selectKey((value) => value, { name: 'KSTREAM-KEY-SELECT-0000000001' })
        .groupByKey(name, text)
        .count(name)
        .toStream({ name: 'KTABLE-TOSTREAM-0000000007' })
        .to(topic('out', counts), { name: 'KSTREAM-SINK-0000000008' });
      return builder.build();
    },
  },

  'count-tumbling': windowed('tw', tumblingWindows({ sizeMs: 10_000, graceMs: 5_000 })),

  'count-hopping': windowed(
    'hw',
    hoppingWindows({ sizeMs: 10_000, advanceMs: 4_000, graceMs: 5_000 }),
  ),

  'count-session': {
    sameShape: true,
    names: { 'KSTREAM-AGGREGATE-0000000001': 'ss' },
    build: () => {
      const builder = new StreamsBuilder();
      builder
        .stream(textTopic('in'))
        .groupByKey('by-key')
        .windowedBy(sessionWindows({ inactivityGapMs: 10_000, graceMs: 50_000 }))
        .count('ss')
        .toStream()
        .to(topic('out', sessionCounts));
      return builder.build();
    },
  },

  'reduce-session-late': {
    sameShape: true,
    names: { 'KSTREAM-REDUCE-0000000001': 'sr' },
    build: () => {
      const builder = new StreamsBuilder();
      builder
        .stream(textTopic('in'))
        .groupByKey('by-key')
        .windowedBy(sessionWindows({ inactivityGapMs: 10_000, graceMs: 10_000 }))
        .reduce('sr', (aggregate, value) => aggregate + value, text)
        .toStream()
        .to(topic('out', { ...sessionCounts, value: stringSerde }));
      return builder.build();
    },
  },

  'count-session-rekeyed': {
    sameShape: true,
    names: { 'by-value': 'by-value-select-key', 'KSTREAM-AGGREGATE-0000000002': 'sk' },
    build: () => {
      const builder = new StreamsBuilder();
      builder
        .stream(textTopic('in'))
        .groupBy('by-value', (value) => value, text)
        .windowedBy(sessionWindows({ inactivityGapMs: 10_000 }))
        .count('sk')
        .toStream({ name: 'KTABLE-TOSTREAM-0000000006' })
        .to(topic('out', sessionCounts), { name: 'KSTREAM-SINK-0000000007' });
      return builder.build();
    },
  },

  'st-join': {
    sameShape: true,
    names: {
      'KTABLE-SOURCE-0000000002': 'r-STATE-STORE-0000000000',
      'KSTREAM-SOURCE-0000000001': 'r-STATE-STORE-0000000000-source',
    },
    build: () => {
      const builder = new StreamsBuilder();
      const table = builder.table(textTopic('r'), 'r-STATE-STORE-0000000000');
      builder
        .stream(textTopic('l'), { name: 'KSTREAM-SOURCE-0000000003' })
        .leftJoin(table, (left, right) => `${left}-${right ?? null}`, {
          name: 'KSTREAM-LEFTJOIN-0000000004',
        })
        .to(textTopic('out'), { name: 'KSTREAM-SINK-0000000005' });
      return builder.build();
    },
  },

  'tt-join-outer': {
    // There the join keeps its rows itself; here a table behind it does.
    sameShape: false,
    names: {},
    build: () => {
      const builder = new StreamsBuilder();
      const left = builder.table(textTopic('l'), 'l-STATE-STORE-0000000000');
      const right = builder.table(textTopic('r'), 'r-STATE-STORE-0000000003');
      const joined = left.outerJoin(right, (l, r) => `${l ?? null}-${r ?? null}`, { name: 'join' });
      const stream = joined.toStream();
      stream.to(textTopic('out'));
      stream.toTable('tt', text);
      return builder.build();
    },
  },

  'table-groupby-agg': {
    sameShape: true,
    names: {
      'KSTREAM-SOURCE-0000000000': 'os-source',
      'KTABLE-SOURCE-0000000001': 'os',
      byc: 'byc-select-key',
      'KSTREAM-SINK-0000000003': 'byc-repartition-sink',
      'KSTREAM-SOURCE-0000000004': 'byc-repartition-source',
      'KTABLE-AGGREGATE-0000000005': 'sum',
    },
    build: () => {
      const builder = new StreamsBuilder();
      builder
        .table(textTopic('o'), 'os')
        .groupBy('byc', ({ value }) => ({ key: value.slice(0, 2), value: value.slice(3) }), text)
        .aggregate('sum', {
          ...text,
          initial: () => '0',
          add: (sum, value) => String(Number(sum) + Number(value)),
          subtract: (sum, value) => String(Number(sum) - Number(value)),
        })
        .toStream()
        .to(textTopic('out'));
      return builder.build();
    },
  },

  'headers-format-kv': {
    sameShape: true,
    names: {
      'KSTREAM-SOURCE-0000000000': 't-source',
      'KTABLE-SOURCE-0000000001': 't',
    },
    build: () => {
      const builder = new StreamsBuilder();
      builder.table(textTopic('in'), 't').toStream().to(textTopic('out'));
      return builder.build();
    },
  },

  'optimized-merge': {
    sameShape: true,
    names: {
      'KSTREAM-AGGREGATE-0000000003': 'KSTREAM-AGGREGATE-STATE-STORE-0000000002',
      'KSTREAM-REDUCE-0000000010': 'KSTREAM-REDUCE-STATE-STORE-0000000009',
    },
    build: () => {
      const builder = new StreamsBuilder();
      const grouped = builder
        .stream(textTopic('in'))
        .selectKey((value) => value)
        .groupByKey('KSTREAM-AGGREGATE-STATE-STORE-0000000002', text);
      grouped
        .count('KSTREAM-AGGREGATE-STATE-STORE-0000000002')
        .toStream({ name: 'KTABLE-TOSTREAM-0000000007' })
        .to(topic('o1', counts), { name: 'KSTREAM-SINK-0000000008' });
      grouped
        .reduce('KSTREAM-REDUCE-STATE-STORE-0000000009', (_, value) => value, text)
        .toStream({ name: 'KTABLE-TOSTREAM-0000000014' })
        .to(textTopic('o2'), { name: 'KSTREAM-SINK-0000000015' });
      return builder.build();
    },
  },
};

function windowed(store: string, windows: TimeWindows): Golden {
  return {
    sameShape: true,
    names: { 'KSTREAM-AGGREGATE-0000000001': store },
    build: () => {
      const builder = new StreamsBuilder();
      builder
        .stream(textTopic('in'))
        .groupByKey('by-key')
        .windowedBy(windows)
        .count(store)
        .toStream()
        .to(topic('out', windowCounts));
      return builder.build();
    },
  };
}
