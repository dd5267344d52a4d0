/** What holds for every view that can be built anew beside the live one. */
import type { Rebuildable } from './rebuild.ts';
import type { ViewReader, ViewWriter } from './view.ts';
import { batchOf } from './view-writer-contract.ts';

/** A view as one process has it. */
export interface RebuildUnderTest<K, V> {
  readonly reader: ViewReader;
  readonly writer: ViewWriter<K, V>;
  readonly read: (key: K) => Promise<V | undefined>;
  /** A copy by its one writer that the tests feed; other writers of the view stay empty. */
  readonly beginCopy: Rebuildable<{ readonly writer: ViewWriter<K, V> }>['beginCopy'];
  /** The same view as another process has it, at the same time. */
  readonly elsewhere: () => Promise<RebuildUnderTest<K, V>>;
}

export interface RebuildContractOptions<K, V> {
  /** Empty, for one test. */
  readonly open: () => Promise<RebuildUnderTest<K, V>>;
  readonly key: (name: string) => K;
  readonly value: (name: string, revision: number) => V;
}

const positionAt = (nextOffset: bigint) => ({ topic: 'contract.state', partition: 0, nextOffset });

export function rebuildContract<K, V>(name: string, options: RebuildContractOptions<K, V>): void {
  describe(`${name}, built anew`, () => {
    switchTests(options);
    otherProcessTests(options);
    abandonTests(options);
  });
}

function switchTests<K, V>({ open, key, value }: RebuildContractOptions<K, V>): void {
  const change = (text: string, revision: number) => [key(text), value(text, revision)] as const;

  test('is what it was until the copy takes its place', async () => {
    const { writer, read, beginCopy } = await open();
    await writer.apply([batchOf(0, [change('a', 1)])]);
    const copy = await beginCopy();
    expect(await copy.writers.writer.positions()).toEqual([]);
    await copy.writers.writer.apply([batchOf(0, [change('b', 1)])]);
    expect([await read(key('a')), await read(key('b'))]).toEqual([value('a', 1), undefined]);
    await writer.apply([batchOf(1, [change('a', 2)])]);

    await copy.switchOver();
    expect([await read(key('a')), await read(key('b'))]).toEqual([undefined, value('b', 1)]);
    expect(await writer.positions()).toEqual([positionAt(1n)]);
  });
}

function otherProcessTests<K, V>({ open, key, value }: RebuildContractOptions<K, V>): void {
  const change = (text: string, revision: number) => [key(text), value(text, revision)] as const;

  test('is read elsewhere all the while, and never fails', async () => {
    const here = await open();
    await here.writer.apply([batchOf(0, [change('a', 1)])]);
    const there = await here.elsewhere();
    expect(await there.read(key('a'))).toEqual(value('a', 1));
    let done = false;
    const seen: (V | undefined)[] = [];
    const reading = (async () => {
      while (!done) seen.push(await there.read(key('a')));
    })();
    for (let revision = 2; revision < 5; revision += 1) {
      const copy = await here.beginCopy();
      await copy.writers.writer.apply([batchOf(0, [change('a', revision)])]);
      await copy.switchOver();
    }
    done = true;
    await reading;
    expect(seen.filter((found) => found === undefined)).toEqual([]);
    expect(await there.read(key('a'))).toEqual(value('a', 4));
  });

  test('takes from the sink of the live view only what joins on to the copy', async () => {
    const here = await open();
    const { writer } = await here.elsewhere();
    await writer.apply([batchOf(0, [change('a', 1), change('a', 2)])]);
    const copy = await here.beginCopy();
    await copy.writers.writer.apply([batchOf(0, [change('a', 1)])]);
    await copy.switchOver();
    const ahead = writer.apply([batchOf(2, [change('b', 3)])]);
    await expect(ahead).rejects.toMatchObject({ code: 'SINK_GAP' });
    expect(await writer.positions()).toEqual([positionAt(1n)]);
    await writer.apply([batchOf(1, [change('a', 2), change('b', 3)])]);
    expect([await here.read(key('a')), await here.read(key('b'))]).toEqual([
      value('a', 2),
      value('b', 3),
    ]);
  });
}

function abandonTests<K, V>({ open, key, value }: RebuildContractOptions<K, V>): void {
  const change = (text: string, revision: number) => [key(text), value(text, revision)] as const;

  test('stays as it is when the copy is given up', async () => {
    const { writer, read, beginCopy } = await open();
    await writer.apply([batchOf(0, [change('a', 1)])]);
    const copy = await beginCopy();
    await copy.writers.writer.apply([batchOf(0, [change('a', 9)])]);
    await copy.abandon();
    expect(await read(key('a'))).toEqual(value('a', 1));
    await writer.apply([batchOf(1, [change('a', 2)])]);
    expect(await read(key('a'))).toEqual(value('a', 2));
  });

  test('begins anew after a copy that was left behind', async () => {
    const here = await open();
    await here.writer.apply([batchOf(0, [change('a', 1)])]);
    const left = await (await here.elsewhere()).beginCopy();
    await left.writers.writer.apply([batchOf(0, [change('b', 1)])]);
    const copy = await here.beginCopy();
    expect(await copy.writers.writer.positions()).toEqual([]);
    await copy.switchOver();
    expect(await here.read(key('b'))).toBeUndefined();
  });
}
