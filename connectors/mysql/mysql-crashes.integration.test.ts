/** Two writers of one view, and writers and servers that die: rows and positions always agree. */
import type { StockLevel } from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import { startMysql } from '../../test/servers/mysql/start-mysql.ts';
import { writeAndKill } from '../killed-writer.ts';
import { SinkError } from '../sink-error.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import type { MysqlViews } from './mysql-views.ts';
import { flavours, mysqlUnderTest } from './testing/mysql-under-test.ts';
import { endOf, expectTheFold, foldUpTo, levelsOf, writeOn } from './testing/written-log.ts';

const crashWriter = new URL('./testing/crash-writer.ts', import.meta.url);

/** As a sink does: from where the view stands, and again from there when it is told to. */
async function writeStock(
  { inventory }: MysqlViews,
  end: number,
  size: number,
): Promise<readonly number[]> {
  const stoodAt: number[] = [];
  let from = endOf(await inventory.writer.positions());
  while (from < end) {
    try {
      await inventory.writer.apply([levelsOf(from, Math.min(size, end - from))]);
      from += size;
    } catch (error) {
      if (!(error instanceof SinkError) || !error.retryable) throw error;
      from = endOf(await inventory.writer.positions());
    }
    stoodAt.push(endOf(await inventory.writer.positions()));
  }
  return stoodAt;
}

describe.each(flavours)('on %s', (flavour) => {
  const mysql = mysqlUnderTest(() => startMysql({ flavour }));

  test('two writers of one view make the fold together, and no position goes back', async () => {
    const [one, other] = [await mysql.openViews(), await mysql.openViews()];
    const stoodAt = await Promise.all([writeStock(one, 300, 7), writeStock(other, 300, 4)]);
    for (const each of stoodAt) expect(each).toEqual([...each].sort((a, b) => a - b));
    expect(endOf(await one.inventory.writer.positions())).toBe(300);
    await expectTheFold(one);
  });

  test('one that comes late with old batches changes nothing', async () => {
    const [one, other] = [await mysql.openViews(), await mysql.openViews()];
    const sku = 'TEA' as Sku;
    const [level] = levelsOf(0, 1).changes;
    const put = batchOf<Sku, StockLevel>(0, [[sku, level?.value ?? null]]);
    await one.inventory.writer.apply([put]);
    await one.inventory.writer.apply([batchOf<Sku, StockLevel>(1, [[sku, null]])]);
    await other.inventory.writer.apply([put]);
    expect(await one.inventory.reader.get(sku)).toBeUndefined();
    expect(endOf(await other.inventory.writer.positions())).toBe(2);
  });

  test('is the fold of the log up to its positions after each kill -9 of the writer', async () => {
    const views = await mysql.openViews();
    for (const lines of [2, 31]) {
      const acknowledged = await writeAndKill(crashWriter, [mysql.server().url], lines);
      expect(endOf(await views.inventory.writer.positions())).toBeGreaterThanOrEqual(acknowledged);
      await expectTheFold(views);
    }
  });

  test('is the fold after each kill -9 of the server, and goes on without being opened again', async () => {
    const views = await mysql.openViews();
    for (const end of [40, 95]) {
      let acknowledged = 0;
      const writing = writeOn(views, Number.POSITIVE_INFINITY, (written) => {
        acknowledged = written;
        if (written >= end && mysql.server().pid !== undefined) void mysql.server().kill();
      });
      await expect(writing).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', retryable: true });
      const read = views.inventory.reader.get('key-1' as Sku);
      await expect(read).rejects.toMatchObject({ code: 'VIEW_UNAVAILABLE' });

      await mysql.server().start();
      expect(endOf(await views.inventory.writer.positions())).toBeGreaterThanOrEqual(acknowledged);
      await expectTheFold(views);
    }
    await writeOn(views, 120, () => {});
    await expectTheFold(views);
    expect(foldUpTo(120).size).toBeGreaterThan(0);
  });
});
