/** Views that answer the latest value of a key: items, carts, payments and the like. */
import type { ViewReader, ViewWriter } from './view.ts';
import { batchOf, type ViewUnderTest, viewWriterContract } from './view-writer-contract.ts';

export interface KeyedViewUnderTest<K, V> {
  readonly reader: ViewReader & { get(key: K): Promise<V | undefined> };
  readonly writer: ViewWriter<K, V>;
  readonly reopen: () => Promise<KeyedViewUnderTest<K, V>>;
}

export function keyedViewContract<K extends string, V>(
  name: string,
  open: () => Promise<KeyedViewUnderTest<K, V>>,
  value: (key: string, revision: number) => V,
  refused?: (key: string) => V,
): void {
  const key = (text: string) => text as K;
  viewWriterContract<K, V>(name, {
    open: async () => underTest(await open()),
    key,
    value,
    refused,
  });

  describe(name, () => {
    test.each([
      ['a quote \' or " in it'],
      ['%like% _ wildcards'],
      ['ключ, 鍵, 🔑'],
      ['a'.repeat(200)],
    ])('keeps apart keys such as %j', async (text) => {
      const { reader, writer } = await open();
      await writer.apply([batchOf(0, [[key(text), value(text, 1)]])]);
      expect(await reader.get(key(text))).toEqual(value(text, 1));
      expect(await reader.get(key(`${text}x`))).toBeUndefined();
      expect(await reader.get(key(text.slice(0, -1)))).toBeUndefined();
    });

    test('does not take a key with a NUL for the key before it', async () => {
      const { reader, writer } = await open();
      await writer.apply([batchOf(0, [[key('a'), value('a', 1)]])]);
      expect(await reader.get(key('a\0b'))).toBeUndefined();
    });
  });
}

function underTest<K, V>({
  reader,
  writer,
  reopen,
}: KeyedViewUnderTest<K, V>): ViewUnderTest<K, V> {
  return {
    reader,
    writer,
    read: (key) => reader.get(key),
    reopen: async () => underTest(await reopen()),
  };
}
