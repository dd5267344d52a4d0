/** A process that is killed while it writes, and what its successor finds and leaves. */
import type { Item, ItemId, Sku } from '#schemas/items';
import { writeAndKill } from '../killed-writer.ts';
import { sampleItem, sampleLevel } from '../views/sample-values.ts';
import { ask } from '../views/search-under-test.ts';
import type { ViewWriter } from '../views/view.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import type { ElasticsearchUnderTest } from './elasticsearch-under-test.ts';

const program = new URL('./crash-writer.ts', import.meta.url);
const keys = 20;

/** The price of each item that the changes below `end` leave, by id. */
function pricesUpTo(end: number): Map<string, number> {
  const prices = new Map<string, number>();
  for (let offset = 0; offset < end; offset++) {
    const id = `item-${offset % keys}`;
    if (offset % 7 === 6) prices.delete(id);
    else prices.set(id, offset);
  }
  return prices;
}

const endOf = async (writer: ViewWriter<never, never>) =>
  Number((await writer.positions())[0]?.nextOffset ?? 0);

export function crashTests(under: ElasticsearchUnderTest): void {
  test('after each kill -9 the rows are not behind the positions, and the rest of a batch follows', async () => {
    const options = await under.newNamespace();
    const { search } = await under.openViews(options);
    const { items, stock } = search.writers;
    for (const lines of [2, 5, 9]) {
      const acknowledged = await writeAndKill(
        program,
        [options.nodes as string, options.namespace],
        lines,
      );
      const [itemsAt, stockAt] = [await endOf(items), await endOf(stock)];
      expect(Math.min(itemsAt, stockAt)).toBeGreaterThanOrEqual(acknowledged);

      // What the log has from there on is written by the successor: a batch at the most was cut off.
      const end = Math.max(itemsAt, stockAt) + 5;
      const offsets = (from: number) =>
        Array.from({ length: end - from }, (_, index) => from + index);
      await items.apply([
        batchOf<ItemId, Item>(
          itemsAt,
          offsets(itemsAt).map((offset) => {
            const id = `item-${offset % keys}` as ItemId;
            const price = { amount: offset, currency: 'INR' };
            return [id, offset % 7 === 6 ? null : sampleItem(id, { price })] as const;
          }),
        ),
      ]);
      await stock.apply([
        batchOf(
          stockAt,
          offsets(stockAt).map((offset) => {
            const sku = `item-${offset % keys}` as Sku;
            return [sku, sampleLevel(sku, { [`W${offset}`]: [1, 0] })] as const;
          }),
        ),
      ]);

      const { hits } = await search.reader.search(ask({ limit: 100 }));
      expect(new Map(hits.map(({ itemId, price }) => [itemId as string, price.amount]))).toEqual(
        pricesUpTo(end),
      );
      const stocked = new Map<string, unknown>();
      for await (const [sku, at] of search.indexed.stock.entries()) stocked.set(sku, at);
      const latest = Array.from({ length: Math.min(keys, end) }, (_, back) => end - 1 - back);
      expect(stocked).toEqual(
        new Map(latest.map((offset) => [`item-${offset % keys}`, [`W${offset}`]])),
      );
    }
  });
}
