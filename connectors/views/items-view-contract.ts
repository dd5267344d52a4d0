/** What holds for every items view. */
import type { Item, ItemId } from '#schemas/items';
import type { ItemsView, ItemsWriter } from './items-view.ts';
import { keyedViewContract } from './keyed-view-contract.ts';
import { sampleItem } from './sample-values.ts';
import { batchOf } from './view-writer-contract.ts';

export interface ItemsViewUnderTest {
  readonly reader: ItemsView;
  readonly writer: ItemsWriter;
  readonly reopen: () => Promise<ItemsViewUnderTest>;
}

export function itemsViewContract(name: string, open: () => Promise<ItemsViewUnderTest>): void {
  keyedViewContract<ItemId, Item>(name, open, (id, version) => sampleItem(id, { version }));

  describe(name, () => {
    const id = (text: string) => text as ItemId;
    const put = (text: string) => [id(text), sampleItem(text)] as const;

    test('answers many items in the order asked and leaves out what does not exist', async () => {
      const { reader, writer } = await open();
      await writer.apply([batchOf(0, [put('a'), put('b'), put('c')])]);
      const found = await reader.getMany(['c', 'nowhere', 'a'].map(id));
      expect(found).toEqual([sampleItem('c'), sampleItem('a')]);
      expect(await reader.getMany([])).toEqual([]);
    });

    test('answers 200 items at once', async () => {
      const { reader, writer } = await open();
      const ids = Array.from({ length: 200 }, (_, index) => `item-${index}`);
      await writer.apply([batchOf(0, ids.map(put))]);
      expect((await reader.getMany(ids.map(id))).map((item) => item.id)).toEqual(ids);
    });

    test('counts what is listed', async () => {
      const { reader, writer } = await open();
      expect(await reader.count()).toBe(0);
      await writer.apply([batchOf(0, [put('a'), put('b'), put('a'), [id('b'), null]])]);
      expect(await reader.count()).toBe(1);
    });
  });
}
