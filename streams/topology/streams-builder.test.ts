import type { StreamsError } from '../errors.ts';
import type { Serde } from '../serde.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { keyValueStore } from '../state/store.ts';
import { tumblingWindows } from '../windows/time-windows.ts';
import { StreamsBuilder } from './streams-builder.ts';
import { topic } from './topic.ts';
import { topologyFaults } from './validate.ts';

const text = { key: stringSerde, value: stringSerde };
const words = topic('words', text);
const out = topic('out', text);

function faultsOf(wire: (builder: StreamsBuilder) => void): string[] {
  const builder = new StreamsBuilder();
  wire(builder);
  try {
    builder.build();
  } catch (error) {
    const { code, message } = error as StreamsError;
    expect(code).toBe('STREAMS_TOPOLOGY_INVALID');
    return message.split('\n- ').slice(1);
  }
  return [];
}

type Fault = readonly [what: string, wire: (builder: StreamsBuilder) => void, fault: string];

const store = (value: typeof stringSerde | typeof longSerde, logged = true) =>
  keyValueStore<string, string | number>('kept', {
    key: stringSerde,
    value: value as Serde<string | number>,
    logged,
  });
const keep = (builder: StreamsBuilder, name: string, kept: ReturnType<typeof store>) =>
  builder.stream(words).processValues(name, { stores: { kept }, process: () => [] });

const faults: readonly Fault[] = [
  [
    'two operators of one name',
    (builder) => {
      builder.stream(words).filter(() => true, { name: 'same' });
      builder.stream(words).filter(() => true, { name: 'same' });
    },
    "two operators are named 'same'",
  ],
  [
    'a store with two meanings',
    (builder) => {
      keep(builder, 'a', store(stringSerde));
      keep(builder, 'b', store(longSerde));
    },
    "store 'kept' is defined twice, differently",
  ],
  [
    'a store that is logged here and not there',
    (builder) => {
      keep(builder, 'a', store(stringSerde));
      keep(builder, 'b', store(stringSerde, false));
    },
    "store 'kept' is defined twice, differently",
  ],
  [
    'a table without a key serde',
    (builder) => {
      builder
        .stream({ ...words, key: { deserialize: stringSerde.deserialize } })
        .groupByKey('g')
        .count('counts');
    },
    "store 'counts' has no key serde: name one where the stream is grouped or the table made",
  ],
  [
    'a repartition without serdes',
    (builder) => {
      builder
        .stream(words)
        .selectKey((value) => value)
        .groupByKey('g')
        .reduce('r', (a) => a, text);
    },
    "'g' repartitions and needs a key serde and a value serde; name them there",
  ],
  [
    'a topic with two settings',
    (builder) => {
      builder.stream(words).to(topic('out', { ...text, partitions: 2 }));
      builder.stream(words).to(topic('out', { ...text, cleanupPolicy: 'compact' }));
    },
    "topic 'out' is used with different settings: partitions 2 and 4, cleanupPolicy delete and compact",
  ],
  [
    'a topic without partitions',
    (builder) => builder.stream(topic('none', { ...text, partitions: 0 })).to(out),
    "topic 'none' has 0 partitions; it needs at least one",
  ],
  [
    'a join of topics that are not co-partitioned',
    (builder) => {
      const table = builder.table(topic('rows', { ...text, partitions: 3 }), 'rows');
      builder.stream(words).join(table, (value) => value, { name: 'joined' });
    },
    "'joined' joins topics with different partition counts: 'words' has 4, 'rows' has 3; repartition one",
  ],
  [
    'a repartition to another count than what it is joined with',
    (builder) => {
      const table = builder.table(topic('rows', { ...text, partitions: 3 }), 'rows');
      builder
        .stream(words)
        .repartition('again', { ...text, partitions: 5 })
        .join(table, (value) => value, { name: 'joined' });
    },
    "'joined' joins topics with different partition counts: 'again-repartition' has 5, 'rows' has 3; repartition one",
  ],
  [
    'windows out of range',
    (builder) => {
      const windows = tumblingWindows({ sizeMs: 0 });
      builder.stream(words).groupByKey('g').windowedBy(windows).count('c');
    },
    "'c' has windows of 0 ms: the size must be a whole number above 0",
  ],
  [
    'a punctuator without an interval',
    (builder) => {
      const punctuate = () => {};
      builder.stream(words).process('tick', {
        process: () => {},
        punctuators: [{ time: 'wall-clock', everyMs: 0, punctuate }],
      });
    },
    "'tick' has a punctuator every 0 ms; it needs a whole number above 0",
  ],
  [
    'a global table of another topology',
    (builder) => {
      const elsewhere = new StreamsBuilder().globalTable(words, 'elsewhere');
      builder.stream(words).joinGlobal(
        elsewhere,
        (value) => value,
        (value) => value,
        { name: 'j' },
      );
    },
    "'j' uses a global table 'elsewhere' that this topology does not have",
  ],
];

test.each(faults)('build refuses %s', (_what, wire, fault) => {
  expect(faultsOf(wire)).toContain(fault);
});

test('build lists every fault at once', () => {
  const all = faultsOf((builder) => {
    builder.stream(words).filter(() => true, { name: 'same' });
    builder.stream(words).filter(() => true, { name: 'same' });
    builder.stream(topic('none', { ...text, partitions: 0 })).to(out);
  });
  expect(all).toHaveLength(2);
});

test('operators that feed each other in a circle are refused', () => {
  const operator = () => () => {};
  const node = (name: string, parents: string[]) =>
    ({ kind: 'processor', name, parents, stores: [], globalTables: [], operator }) as const;
  const nodes = [node('a', ['c']), node('b', ['a']), node('c', ['b'])];
  expect(topologyFaults({ nodes, stores: [], globalTables: [] })).toEqual([
    'operators feed each other in a circle: a -> b -> c -> a',
  ]);
});

describe('sub-topologies', () => {
  test('are divided by topics, joined by stores and by topics that both read', () => {
    const builder = new StreamsBuilder();
    const kept = store(stringSerde);
    builder.stream(topic('a', text)).repartition('again', text).to(out);
    builder.stream(topic('b', text)).processValues('x', { stores: { kept }, process: () => [] });
    builder.stream(topic('c', text)).processValues('y', { stores: { kept }, process: () => [] });
    builder.stream(topic('c', text)).filter(() => true);
    const { subTopologies } = builder.build();
    expect(subTopologies.map(({ sources }) => sources.map(({ name }) => name))).toEqual([
      ['a'],
      ['again-repartition'],
      ['b', 'c'],
    ]);
    expect(subTopologies.map(({ id }) => id)).toEqual([0, 1, 2]);
    expect(subTopologies[2]?.stores).toEqual(['kept']);
  });

  test('count global tables among them, which have no tasks', () => {
    const builder = new StreamsBuilder();
    builder.stream(topic('a', text)).to(out);
    builder.globalTable(words, 'everywhere');
    builder.stream(topic('b', text)).to(out);
    const topology = builder.build();
    expect(topology.subTopologies.map(({ id }) => id)).toEqual([0, 2]);
    expect(topology.describe()).toContain(
      [
        '  Sub-topology: 1 for global store (will not generate tasks)',
        '    Source: everywhere-source (topics: [words])',
        '      --> everywhere',
        '    Processor: everywhere (stores: [everywhere])',
        '      --> none',
        '      <-- everywhere-source',
        '',
        '  Sub-topology: 2',
      ].join('\n'),
    );
  });
});

describe('a repartition topic has as many partitions', () => {
  const partitionsOf = (wire: (builder: StreamsBuilder) => void) => {
    const builder = new StreamsBuilder();
    wire(builder);
    return Object.fromEntries(
      builder.build().internalTopics.map(({ name, partitions }) => [name, partitions]),
    );
  };
  const wide = topic('wide', { ...text, partitions: 7 });
  const rows = topic('rows', { ...text, partitions: 3 });

  test('as the largest topic upstream, through other repartitions', () => {
    const counts = partitionsOf((builder) => {
      const merged = builder.stream(words).merge(builder.stream(wide));
      merged.repartition('first', text).repartition('second', text).to(out);
    });
    expect(counts).toEqual({ 'first-repartition': 7, 'second-repartition': 7 });
  });

  test('as the table that it is joined with', () => {
    const counts = partitionsOf((builder) => {
      const table = builder.table(rows, 'rows');
      builder
        .stream(wide)
        .selectKey((value) => value)
        .repartition('by-value', text)
        .join(table, (value) => value)
        .to(out);
    });
    expect(counts).toEqual({ 'by-value-repartition': 3 });
  });

  test('as the other repartition topic that it is joined with', () => {
    const counts = partitionsOf((builder) => {
      const table = builder
        .stream(wide)
        .selectKey((value) => value)
        .toTable('t', text);
      builder
        .stream(rows)
        .repartition('s', text)
        .join(table, (value) => value)
        .to(out);
    });
    expect(counts).toEqual({ 't-repartition': 7, 's-repartition': 7 });
  });

  test('as were asked for', () => {
    const counts = partitionsOf((builder) =>
      builder
        .stream(wide)
        .repartition('s', { ...text, partitions: 2 })
        .to(out),
    );
    expect(counts).toEqual({ 's-repartition': 2 });
  });
});

test('a store whose name could not stand in a topic, and a punctuator without a period, are refused', () => {
  const build = (name: string, everyMs: number) => () => {
    const builder = new StreamsBuilder();
    builder.stream(words).process('p', {
      stores: { store: keyValueStore(name, text) },
      process: () => {},
      punctuators: [{ time: 'wall-clock', everyMs, punctuate: () => {} }],
    });
    return builder.build();
  };
  expect(build('stock-levels', 1)).not.toThrow();
  expect(build('stock levels', 1)).toThrow("store 'stock levels': give 1 to 138 letters");
  expect(build('s'.repeat(139), 1)).toThrow('give 1 to 138 letters');
  expect(build('s', 0)).toThrow("a punctuator of 'p' is called every 0 ms");
  expect(build('s', 1.5)).toThrow("a punctuator of 'p' is called every 1.5 ms");
});

test('a grouping under unchanged keys needs no repartition; under changed keys, one for all', () => {
  const builder = new StreamsBuilder();
  builder.stream(words).groupByKey('same').count('c1');
  const grouped = builder.stream(words).groupBy('other', (value) => value, text);
  grouped.count('c2');
  grouped.reduce('r', (a) => a, text);
  expect(builder.build().internalTopics.map(({ name }) => name)).toEqual(['other-repartition']);
});
