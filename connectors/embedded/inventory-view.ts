/**
 * Stock by SKU and warehouse. The CHECK constraint is the last net under invariant 1: a level that
 * oversells is refused, whoever computed it.
 */
import type { StockLevel, WarehouseStock } from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import type { ShopViews } from '../views/shop-views.ts';
import type { Database } from './database.ts';
import { AppliedSignal, type ViewFile } from './view-file.ts';

export const inventorySchema = `
  CREATE TABLE stock_levels (
    sku TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE warehouse_stock (
    sku TEXT NOT NULL REFERENCES stock_levels (sku) ON DELETE CASCADE,
    warehouse_id TEXT NOT NULL,
    on_hand INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    received INTEGER NOT NULL,
    adjusted INTEGER NOT NULL,
    shipped INTEGER NOT NULL,
    PRIMARY KEY (sku, warehouse_id),
    CONSTRAINT never_oversold CHECK (0 <= reserved AND reserved <= on_hand)
  ) STRICT, WITHOUT ROWID;`;

interface StockRow {
  readonly sku: Sku;
  readonly version: number;
  readonly updatedAt: number;
  /** `null` when the level has no warehouse. */
  readonly warehouseId: string | null;
  readonly onHand: number;
  readonly reserved: number;
  readonly received: number;
  readonly adjusted: number;
  readonly shipped: number;
}

const selectRows = `
  SELECT level.sku, version, updated_at AS updatedAt, warehouse_id AS warehouseId,
         on_hand AS onHand, reserved, received, adjusted, shipped`;

const entriesChunk = 500;

export function embeddedInventory(file: ViewFile): ShopViews['inventory'] {
  const { database } = file;
  const signal = new AppliedSignal();
  return {
    reader: {
      onApplied: (listener) => signal.onApplied(listener),
      get: async (sku) => levelsOf(database, [sku])[0],
      getMany: async (skus) => levelsOf(database, skus),
    },
    writer: file.writer<Sku, StockLevel>({
      name: 'inventory',
      signal,
      put: (sku, level) => putLevel(database, sku, level),
      delete: (sku) => {
        database.run('DELETE FROM stock_levels WHERE sku = ?', [sku]);
      },
    }),
    entries: () => entriesOf(database),
  };
}

function putLevel(database: Database, sku: Sku, level: StockLevel): void {
  database.run(
    `INSERT INTO stock_levels VALUES (?, ?, ?) ON CONFLICT DO UPDATE
     SET version = excluded.version, updated_at = excluded.updated_at`,
    [sku, level.version, level.updatedAt],
  );
  database.run('DELETE FROM warehouse_stock WHERE sku = ?', [sku]);
  for (const [warehouseId, stock] of Object.entries(level.warehouses)) {
    const { onHand, reserved, received, adjusted, shipped } = stock;
    database.run('INSERT INTO warehouse_stock VALUES (?, ?, ?, ?, ?, ?, ?)', [
      sku,
      warehouseId,
      onHand,
      reserved,
      received,
      adjusted,
      shipped,
    ]);
  }
}

function levelsOf(database: Database, skus: readonly Sku[]): StockLevel[] {
  return grouped(
    database.all<StockRow>(
      `${selectRows}
       FROM json_each(?) asked
       JOIN stock_levels level ON level.sku = asked.value
       LEFT JOIN warehouse_stock stock ON stock.sku = level.sku
       ORDER BY asked.key, warehouse_id`,
      [JSON.stringify(skus)],
    ),
  );
}

/** Rows of one level stand together. */
function grouped(rows: readonly StockRow[]): StockLevel[] {
  const levels: StockLevel[] = [];
  let warehouses: Record<string, WarehouseStock> = {};
  for (const { sku, version, updatedAt, warehouseId, ...stock } of rows) {
    if (levels.at(-1)?.sku !== sku) {
      warehouses = {};
      levels.push({ sku, warehouses, version, updatedAt });
    }
    if (warehouseId !== null) warehouses[warehouseId] = stock;
  }
  return levels;
}

async function* entriesOf(database: Database): AsyncGenerator<readonly [Sku, StockLevel]> {
  let after = '';
  for (;;) {
    const rows = database.all<StockRow>(
      `${selectRows}
       FROM (SELECT * FROM stock_levels WHERE sku > ? ORDER BY sku LIMIT ${entriesChunk}) level
       LEFT JOIN warehouse_stock stock ON stock.sku = level.sku
       ORDER BY level.sku, warehouse_id`,
      [after],
    );
    const levels = grouped(rows);
    for (const level of levels) yield [level.sku, level];
    const last = levels.at(-1);
    if (last === undefined) return;
    after = last.sku;
  }
}
