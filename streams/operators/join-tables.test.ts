/** Joins of tables against the naive model: what SQL would answer after every update. */
import fc from 'fast-check';
import { stringSerde } from '../serdes.ts';
import { TopologyTestDriver } from '../testing/topology-test-driver.ts';
import type { KTable } from '../topology/kstream.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import type { JoinKind } from './join-tables.ts';

const text = { key: stringSerde, value: stringSerde };
const left = topic('left', text);
const right = topic('right', text);
const out = topic('out', text);

type Table = KTable<string, string>;

function joined(kind: JoinKind, a: Table, b: Table): Table {
  const paired = (x: string | undefined, y: string | undefined) => `${x}-${y}`;
  if (kind === 'inner') return a.join(b, paired);
  return kind === 'left' ? a.leftJoin(b, paired) : a.outerJoin(b, paired);
}

function expected(kind: JoinKind, a: string | undefined, b: string | undefined) {
  const present = {
    inner: a !== undefined && b !== undefined,
    left: a !== undefined,
    outer: a !== undefined || b !== undefined,
  };
  return present[kind] ? `${a}-${b}` : undefined;
}

const update = fc.record({
  side: fc.constantFrom(left, right),
  key: fc.constantFrom('a', 'b', 'c'),
  value: fc.option(fc.constantFrom('1', '2'), { nil: undefined }),
  timestampMs: fc.nat(50),
});

const kinds = ['inner', 'left', 'outer'] as const;

test.each(kinds)('an %s join holds what the two tables join to, after every update', (kind) => {
  fc.assert(
    fc.property(
      fc.array(update, { maxLength: 40 }),
      fc.integer({ min: 1, max: 3 }),
      (updates, partitions) => {
        const builder = new StreamsBuilder();
        joined(kind, builder.table(left, 'l'), builder.table(right, 'r')).toStream().to(out);
        const driver = new TopologyTestDriver(builder.build(), { partitions });
        const rows = new Map<string, { value: string; timestampMs: number }>();
        const view = new Map<string, string>();
        for (const { side, key, value, timestampMs } of updates) {
          driver.input(side).pipe(key, value, { timestampMs });
          const place = `${side.name} ${key}`;
          if (value === undefined) rows.delete(place);
          else rows.set(place, { value, timestampMs });
          for (const record of driver.output(out).records()) {
            if (record.value === undefined) view.delete(record.key);
            else view.set(record.key, record.value);
            const sides = ['left', 'right'].map((name) => rows.get(`${name} ${record.key}`));
            const times = sides.map((row) => row?.timestampMs ?? timestampMs);
            expect(record.timestampMs).toBe(Math.max(timestampMs, ...times));
          }
          const now = expected(
            kind,
            rows.get(`left ${key}`)?.value,
            rows.get(`right ${key}`)?.value,
          );
          expect(view.get(key)).toBe(now);
        }
      },
    ),
  );
});

test.each(kinds)('a count over an %s join counts the rows that it holds', (kind) => {
  fc.assert(
    fc.property(fc.array(update, { maxLength: 40 }), (updates) => {
      const builder = new StreamsBuilder();
      joined(
        kind,
        builder.table(left, 'l').mapValues((value) => value),
        builder.table(right, 'r').filter((value) => value !== '2'),
      )
        .groupBy('all', ({ key, value }) => ({ key: 'all', value: key + value }), text)
        .count('size');
      const driver = new TopologyTestDriver(builder.build());
      const rows = new Map<string, string>();
      for (const { side, key, value, timestampMs } of updates) {
        driver.input(side).pipe(key, value, { timestampMs });
        const place = `${side.name} ${key}`;
        const kept = value !== undefined && !(side === right && value === '2');
        if (kept) rows.set(place, value);
        else rows.delete(place);
      }
      const size = ['a', 'b', 'c'].filter(
        (key) => expected(kind, rows.get(`left ${key}`), rows.get(`right ${key}`)) !== undefined,
      ).length;
      expect(driver.store('size').get('all') ?? 0).toBe(size);
    }),
  );
});

test('a join of joins reads through tables that keep no rows of their own', () => {
  const builder = new StreamsBuilder();
  const a = builder.table(left, 'l');
  const b = builder.table(right, 'r');
  const both = joined('left', a, b).mapValues((value) => `(${value})`);
  joined('inner', both, a).toStream().to(out);
  const driver = new TopologyTestDriver(builder.build());
  driver.input(left).pipe('a', '1');
  driver.input(right).pipe('a', '2');
  expect(driver.output(out).values().at(-1)).toBe('(1-2)-1');
});
