/** What holds for the writing side of every view, wherever it keeps its rows. */
import { SinkError } from '../sink-error.ts';
import type { Change, ChangeBatch, ViewReader, ViewWriter } from './view.ts';

/** A view with one writer, opened empty for one test. */
export interface ViewUnderTest<K, V> {
  readonly reader: ViewReader;
  readonly writer: ViewWriter<K, V>;
  readonly read: (key: K) => Promise<V | undefined>;
  /** Closes the view and opens it again where it was. */
  readonly reopen: () => Promise<ViewUnderTest<K, V>>;
}

export interface ViewWriterContractOptions<K, V> {
  readonly open: () => Promise<ViewUnderTest<K, V>>;
  readonly key: (name: string) => K;
  /** Values of one key, told apart by `revision`. */
  readonly value: (name: string, revision: number) => V;
  /** A value that the view must refuse, if it refuses any. */
  readonly refused?: ((name: string) => V) | undefined;
}

const topic = 'contract.state';

/** A batch of one partition; its changes have consecutive offsets from `from`. */
export function batchOf<K, V>(
  from: number,
  changes: readonly (readonly [key: K, value: V | null])[],
  partition = 0,
): ChangeBatch<K, V> {
  return {
    topic,
    partition,
    changes: changes.map(
      ([key, value], index): Change<K, V> => ({
        key,
        value,
        timestampMs: 1_000 + index,
        offset: BigInt(from + index),
      }),
    ),
    fromOffset: BigInt(from),
    nextOffset: BigInt(from + changes.length),
  };
}

/** A batch that joins on to whatever was written before: nothing is between. */
export function laterBatchOf<K, V>(
  from: number,
  changes: readonly (readonly [key: K, value: V | null])[],
): ChangeBatch<K, V> {
  return { ...batchOf(from, changes), fromOffset: 0n };
}

export function viewWriterContract<K, V>(
  name: string,
  options: ViewWriterContractOptions<K, V>,
): void {
  describe(`${name}, written by a sink`, () => {
    contentTests(options);
    positionTests(options);
    newsTests(options);
    if (options.refused !== undefined) refusalTests(options, options.refused);
  });
}

function contentTests<K, V>({ open, key, value }: ViewWriterContractOptions<K, V>): void {
  const [a, b] = [key('a'), key('b')];
  const change = (name: string, revision: number) => [key(name), value(name, revision)] as const;

  test('knows nothing of a key that was never written', async () => {
    const { read } = await open();
    expect(await read(a)).toBeUndefined();
  });

  test('keeps the latest value of a key', async () => {
    const { writer, read } = await open();
    await writer.apply([batchOf(0, [change('a', 1), change('b', 1), change('a', 2)])]);
    expect(await read(a)).toEqual(value('a', 2));
    expect(await read(b)).toEqual(value('b', 1));
  });

  test('is unmoved by a batch that is written again', async () => {
    const { writer, read } = await open();
    const older = batchOf(0, [change('a', 1), change('b', 1)]);
    await writer.apply([older]);
    await writer.apply([batchOf(2, [change('a', 2)])]);
    await writer.apply([older]);
    expect(await read(a)).toEqual(value('a', 2));
    expect(await writer.positions()).toEqual([{ topic, partition: 0, nextOffset: 3n }]);
  });

  test('applies what is new of a batch that it has seen the beginning of', async () => {
    const { writer, read } = await open();
    await writer.apply([batchOf(0, [change('a', 1), change('b', 1)])]);
    await writer.apply([batchOf(1, [change('b', 2), change('a', 3)])]);
    expect(await read(a)).toEqual(value('a', 3));
    expect(await read(b)).toEqual(value('b', 1));
  });

  test('forgets a key at its tombstone, and takes it back when it is written anew', async () => {
    const { writer, read } = await open();
    await writer.apply([batchOf(0, [change('a', 1), [a, null]])]);
    expect(await read(a)).toBeUndefined();
    await writer.apply([batchOf(2, [change('a', 2)])]);
    expect(await read(a)).toEqual(value('a', 2));
  });

  test('does not bring a deleted key back when an older batch is written again', async () => {
    const { writer, read } = await open();
    const older = batchOf(0, [change('a', 1)]);
    await writer.apply([older]);
    await writer.apply([batchOf<K, V>(1, [[a, null]])]);
    await writer.apply([older]);
    expect(await read(a)).toBeUndefined();
  });

  test('takes a tombstone of a key that it never had', async () => {
    const { writer, read } = await open();
    await writer.apply([batchOf(0, [[a, null], change('b', 1)])]);
    expect(await read(a)).toBeUndefined();
    expect(await read(b)).toEqual(value('b', 1));
  });
}

function positionTests<K, V>({ open, key, value }: ViewWriterContractOptions<K, V>): void {
  const change = (name: string, revision: number) => [key(name), value(name, revision)] as const;

  test('has no position before it is written', async () => {
    const { writer } = await open();
    expect(await writer.positions()).toEqual([]);
  });

  test('keeps a position for each partition', async () => {
    const { writer } = await open();
    await writer.apply([
      batchOf(0, [change('a', 1)], 0),
      batchOf(0, [change('b', 1), change('b', 2)], 3),
    ]);
    expect(new Set(await writer.positions())).toEqual(
      new Set([
        { topic, partition: 0, nextOffset: 1n },
        { topic, partition: 3, nextOffset: 2n },
      ]),
    );
  });

  test('moves on over offsets that hold nothing', async () => {
    const { writer } = await open();
    await writer.apply([{ topic, partition: 0, changes: [], fromOffset: 0n, nextOffset: 42n }]);
    expect(await writer.positions()).toEqual([{ topic, partition: 0, nextOffset: 42n }]);
  });

  test('begins where the log does, whichever offset that is, and then leaves nothing out', async () => {
    const { writer, read } = await open();
    await writer.apply([laterBatchOf(5, [change('a', 1)])]);
    const afterGap = writer.apply([batchOf(7, [change('a', 3)])]);
    await expect(afterGap).rejects.toMatchObject({ code: 'SINK_GAP', retryable: true });
    expect(await read(key('a'))).toEqual(value('a', 1));
    expect(await writer.positions()).toEqual([{ topic, partition: 0, nextOffset: 6n }]);
  });

  test('has its rows and its positions when it is opened again', async () => {
    const before = await open();
    await before.writer.apply([batchOf(0, [change('a', 1), change('b', 1)])]);
    const { writer, read } = await before.reopen();
    expect(await read(key('a'))).toEqual(value('a', 1));
    expect(await writer.positions()).toEqual([{ topic, partition: 0, nextOffset: 2n }]);
    await writer.apply([batchOf(0, [change('a', 9)])]);
    expect(await read(key('a'))).toEqual(value('a', 1));
  });
}

function newsTests<K, V>({ open, key, value }: ViewWriterContractOptions<K, V>): void {
  test('tells its readers when a change can be read, until they stop listening', async () => {
    const { reader, writer, read } = await open();
    const seen: Promise<V | undefined>[] = [];
    const stop = reader.onApplied(() => seen.push(read(key('a'))));
    await writer.apply([batchOf(0, [[key('a'), value('a', 1)]])]);
    stop();
    await Promise.all(seen); // Before the next is written.
    await writer.apply([batchOf(1, [[key('a'), value('a', 2)]])]);
    expect(await Promise.all(seen)).toEqual([value('a', 1)]);
  });
}

function refusalTests<K, V>(
  { open, key, value }: ViewWriterContractOptions<K, V>,
  refused: (name: string) => V,
): void {
  test('takes all of its batches or nothing, positions included', async () => {
    const { writer, read } = await open();
    await writer.apply([batchOf(0, [[key('a'), value('a', 1)]])]);
    const poisoned = [
      batchOf(1, [[key('a'), value('a', 2)]]),
      batchOf(0, [[key('b'), refused('b')]], 1),
    ];
    const error = await writer.apply(poisoned).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SinkError);
    expect(error).toMatchObject({ code: 'SINK_REJECTED', retryable: false });
    expect(await read(key('a'))).toEqual(value('a', 1));
    expect(await writer.positions()).toEqual([{ topic, partition: 0, nextOffset: 1n }]);
  });
}
