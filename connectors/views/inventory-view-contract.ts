/** What holds for every inventory view: also that it refuses what invariant 1 forbids. */
import type { StockLevel } from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import type { InventoryView, InventoryWriter } from './inventory-view.ts';
import { keyedViewContract } from './keyed-view-contract.ts';
import { sampleLevel } from './sample-values.ts';
import { batchOf } from './view-writer-contract.ts';

export interface InventoryViewUnderTest {
  readonly reader: InventoryView;
  readonly writer: InventoryWriter;
  readonly reopen: () => Promise<InventoryViewUnderTest>;
}

export function inventoryViewContract(
  name: string,
  open: () => Promise<InventoryViewUnderTest>,
): void {
  keyedViewContract<Sku, StockLevel>(
    name,
    open,
    (sku, version) => sampleLevel(sku, { PUNE: [version, 1], DELHI: [5, 0] }, version),
    (sku) => sampleLevel(sku, { PUNE: [1, 2] }),
  );

  describe(name, () => {
    const level = (sku: string, warehouses: Parameters<typeof sampleLevel>[1]) =>
      [sku as Sku, sampleLevel(sku, warehouses)] as const;

    test.each([
      ['more reserved than on hand', [3, 4]],
      ['less than nothing on hand', [-1, 0]],
      ['less than nothing reserved', [3, -1]],
    ] as const)('refuses %s', async (_what, stock) => {
      const { reader, writer } = await open();
      const applied = writer.apply([batchOf(0, [level('TEA', { PUNE: stock })])]);
      await expect(applied).rejects.toMatchObject({ code: 'SINK_REJECTED' });
      expect(await reader.get('TEA' as Sku)).toBeUndefined();
    });

    test('takes a shelf that is empty and one that is all reserved', async () => {
      const { reader, writer } = await open();
      const [sku, stock] = level('TEA', { PUNE: [0, 0], DELHI: [4, 4] });
      await writer.apply([batchOf(0, [[sku, stock]])]);
      expect(await reader.get(sku)).toEqual(stock);
    });

    test('forgets a warehouse that a later level does not have', async () => {
      const { reader, writer } = await open();
      const [sku, later] = level('TEA', { DELHI: [1, 0] });
      await writer.apply([batchOf(0, [level('TEA', { PUNE: [3, 0], DELHI: [1, 0] })])]);
      await writer.apply([batchOf(1, [[sku, later]])]);
      expect(await reader.get(sku)).toEqual(later);
    });

    test('keeps a level without any warehouse', async () => {
      const { reader, writer } = await open();
      const [sku, empty] = level('TEA', {});
      await writer.apply([batchOf(0, [[sku, empty]])]);
      expect(await reader.get(sku)).toEqual(empty);
    });

    test('answers many levels in the order asked and leaves out what is unknown', async () => {
      const { reader, writer } = await open();
      const [tea, milk] = [level('TEA', { PUNE: [3, 0] }), level('MILK', { DELHI: [1, 1] })];
      await writer.apply([batchOf(0, [tea, milk])]);
      const found = await reader.getMany(['MILK', 'nowhere', 'TEA'] as Sku[]);
      expect(found).toEqual([milk[1], tea[1]]);
    });
  });
}
