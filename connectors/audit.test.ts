import { avro, type MemoryLog, memoryLog, memoryRegistry, type Serde, topic } from '#streams';
import { auditView } from './audit.ts';
import type { Position, ViewWriter } from './views/view.ts';

const Level = avro.record('AuditedLevel', { units: avro.int, note: avro.string });
type Level = { readonly units: number; readonly note: string };
const levels = topic('audited.levels', {
  key: avro.string,
  value: Level,
  partitions: 1,
  cleanupPolicy: 'compact',
});
const registry = memoryRegistry();
const logs: MemoryLog[] = [];
afterEach(async () => {
  await Promise.all(logs.splice(0).map((log) => log.close()));
});

async function logWith(entries: readonly (readonly [string, number | null])[]) {
  const log = memoryLog();
  logs.push(log);
  const { name, partitions, cleanupPolicy, retentionMs } = levels;
  await log.createTopics([{ name, partitions, cleanupPolicy, retentionMs }]);
  const use = { topic: name, part: 'value', registry } as const;
  const value = (await levels.value.forTopic?.(use)) as Serde<Level>;
  await log.append(
    entries.map(([key, units]) => ({
      topic: name,
      key: Buffer.from(key),
      value: units === null ? null : value.serialize({ units, note: 'n' }),
      timestampMs: 0,
      headers: [],
    })),
  );
  return log;
}

/** A view with this content; `positions` are answered one after the other, the last for ever. */
function viewOf(content: Readonly<Record<string, number>>, ...nextOffsets: readonly number[]) {
  const positions = [...nextOffsets];
  const writer: ViewWriter<string, Level> = {
    name: 'levels',
    positions: async (): Promise<Position[]> => {
      const next = positions.length > 1 ? positions.shift() : positions[0];
      if (next === undefined) return [];
      return [{ topic: levels.name, partition: 0, nextOffset: BigInt(next) }];
    },
    apply: async () => {},
  };
  const entries = async function* () {
    // The properties are in another order than in the log: that is no difference.
    for (const [key, units] of Object.entries(content)) yield [key, { note: 'n', units }] as const;
  };
  return { writer, entries };
}

const history = [
  ['a', 1],
  ['b', 2],
  ['a', 3],
  ['c', 4],
  ['c', null],
] as const;

async function audit(content: Readonly<Record<string, number>>, ...nextOffsets: number[]) {
  const log = await logWith(history);
  const view = viewOf(content, ...nextOffsets);
  const { missing, extra, different, differences, entries } = await auditView<string, Level>({
    log,
    registry,
    topic: levels,
    view,
  });
  return { missing, extra, different, differences, entries };
}

const nothing = { missing: [], extra: [], different: [], differences: 0 };

test('finds nothing when a view is the fold of its topic', async () => {
  expect(await audit({ a: 3, b: 2 }, 5)).toEqual({ ...nothing, entries: 2 });
});

test('finds what is missing, what is too much and what is different', async () => {
  expect(await audit({ a: 1, c: 4, x: 9 }, 5)).toEqual({
    missing: ['b'],
    different: ['a'],
    extra: ['c', 'x'],
    differences: 4,
    entries: 3,
  });
});

test('compares a view with the log up to its position, not further', async () => {
  expect(await audit({ a: 1, b: 2 }, 2)).toEqual({ ...nothing, entries: 2 });
  expect(await audit({}, 0)).toEqual({ ...nothing, entries: 0 });
  expect(await audit({})).toEqual({ ...nothing, entries: 0 });
});

test.each([
  ['as it was before', { a: 1, b: 2 }],
  ['as it is after', { a: 3, b: 2 }],
  ['in between, with what was deleted later', { a: 3, b: 2, c: 4 }],
])('takes a view that is written meanwhile %s', async (_when, content) => {
  expect(await audit(content, 2, 5)).toMatchObject(nothing);
});

test('still finds a value that a view never had while it was written', async () => {
  expect(await audit({ a: 2, b: 2 }, 2, 5)).toMatchObject({ different: ['a'], differences: 1 });
  expect(await audit({ b: 2 }, 2, 5)).toMatchObject({ missing: ['a'], differences: 1 });
});

test('compares the entries that the records make, where the view keeps another shape', async () => {
  const log = await logWith(history);
  const { writer } = viewOf({}, 5);
  const audited = (content: Readonly<Record<string, number>>) =>
    auditView<string, Level, string, number>({
      log,
      registry,
      topic: levels,
      view: {
        writer,
        entries: async function* () {
          yield* Object.entries(content);
        },
      },
      entriesOf: (key, value) => [
        [`${key}-units`, value === null ? null : value.units],
        [`${key}-tens`, value === null ? null : value.units * 10],
      ],
    });
  const right = { 'a-units': 3, 'a-tens': 30, 'b-units': 2, 'b-tens': 20 };
  expect(await audited(right)).toMatchObject({ ...nothing, entries: 4 });
  expect(await audited({ ...right, 'a-tens': 10, 'c-units': 4 })).toMatchObject({
    different: ['a-tens'],
    extra: ['c-units'],
  });
});

describe('with a retention', () => {
  // The units of an entry are its time: of these, `a` (3) is kept, `b` (2) may be forgotten.
  const retention = { timeOf: ({ units }: Level) => units, retentionMs: 10, nowMs: () => 13 };
  const kept = async (content: Readonly<Record<string, number>>) => {
    const log = await logWith(history);
    const view = viewOf(content, 5);
    return auditView<string, Level>({ log, registry, topic: levels, view, retention });
  };

  test.each([
    ['the view has forgotten', { a: 3 }],
    ['both still have', { a: 3, b: 2 }],
    ['the log has forgotten', { a: 3, b: 2, y: 1 }],
  ])('takes an old entry that %s', async (_who, content) => {
    expect(await kept(content)).toMatchObject(nothing);
  });

  test('still finds young entries that are missing or too much, and old ones that differ', async () => {
    expect(await kept({ b: 1, z: 3 })).toMatchObject({
      missing: ['a'],
      different: ['b'],
      extra: ['z'],
    });
  });
});
