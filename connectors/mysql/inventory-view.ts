/**
 * Stock by SKU and warehouse. A level that oversells is refused, whoever computed it: here, and by a
 * CHECK constraint as the last net under invariant 1, where the server enforces one (MySQL from
 * 8.0.16, MariaDB).
 */
import type { StockLevel, WarehouseStock } from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import { SinkError } from '../sink-error.ts';
import type { InventoryView } from '../views/inventory-view.ts';
import type { Change } from '../views/view.ts';
import { type Executor, type MysqlDatabase, rowsOf, type Statement } from './mysql-database.ts';
import { deletes, inserts, listOf, type Row, upserts } from './statements.ts';
import { type MysqlView, mysqlView } from './stored-view.ts';
import { latestOf, type TableName, type ViewTables } from './view-tables.ts';

interface StockRow {
  readonly sku: Buffer;
  readonly version: number;
  readonly updatedAt: number;
  /** `null` when the level has no warehouse. */
  readonly warehouseId: Buffer | null;
  readonly onHand: number;
  readonly reserved: number;
  readonly received: number;
  readonly adjusted: number;
  readonly shipped: number;
}

const selectRows = `
  SELECT level.sku, version, updated_at AS updatedAt, warehouse_id AS warehouseId,
         on_hand AS onHand, reserved, received, adjusted, shipped`;

const stockColumns = [
  ...['sku', 'warehouse_id', 'on_hand', 'reserved', 'received', 'adjusted', 'shipped'],
];

const entriesChunk = 500;

const tables: ViewTables<Sku, StockLevel> = {
  name: 'inventory',
  rows: ['stock_levels', 'warehouse_stock'],
  positions: 'inventory_positions',
  statements: statementsOf,
  links: (named) => [
    `ALTER TABLE ${named('warehouse_stock')} ADD FOREIGN KEY (sku)
       REFERENCES ${named('stock_levels')} (sku) ON DELETE CASCADE`,
  ],
};

export function mysqlInventory(database: MysqlDatabase): MysqlView<InventoryView, Sku, StockLevel> {
  return mysqlView<InventoryView, Sku, StockLevel>(database, {
    tables,
    reader: {
      get: async (sku: Sku) => (await database.read((executor) => levelsOf(executor, [sku])))[0],
      getMany: (skus: readonly Sku[]) => database.read((executor) => levelsOf(executor, skus)),
    },
    entriesAfter,
  });
}

function statementsOf(
  changes: readonly Change<Sku, StockLevel>[],
  named: TableName,
): readonly Statement[] {
  const levels: Row[] = [];
  const stock: Row[] = [];
  const gone: Sku[] = [];
  for (const change of changes) refuseOversold(change);
  for (const [sku, level] of latestOf(changes)) {
    if (level === null) {
      gone.push(sku);
      continue;
    }
    levels.push([sku, level.version, level.updatedAt]);
    for (const [warehouseId, each] of Object.entries(level.warehouses)) {
      const { onHand, reserved, received, adjusted, shipped } = each;
      stock.push([sku, warehouseId, onHand, reserved, received, adjusted, shipped]);
    }
  }
  const written = levels.map(([sku]) => sku as Sku);
  return [
    ...deletes(named('stock_levels'), 'sku', gone), // Their warehouses go with them.
    ...upserts(named('stock_levels'), ['sku', 'version', 'updated_at'], levels),
    ...deletes(named('warehouse_stock'), 'sku', written),
    ...inserts(named('warehouse_stock'), stockColumns, stock),
  ];
}

/** What only the database refused would come back as well, but not on MySQL before 8.0.16. */
function refuseOversold({ key: sku, value }: Change<Sku, StockLevel>): void {
  for (const [warehouseId, { onHand, reserved }] of Object.entries(value?.warehouses ?? {})) {
    if (0 <= reserved && reserved <= onHand) continue;
    throw new SinkError(
      'SINK_REJECTED',
      `view 'inventory' takes no level of '${sku}' with ${reserved} reserved and ${onHand} on ` +
        `hand in '${warehouseId}'`,
    );
  }
}

async function levelsOf(executor: Executor, skus: readonly Sku[]): Promise<StockLevel[]> {
  if (skus.length === 0) return [];
  const distinct = [...new Set(skus)];
  const rows = await rowsOf<StockRow>(
    executor,
    `${selectRows} FROM stock_levels level LEFT JOIN warehouse_stock stock ON stock.sku = level.sku
     WHERE level.sku IN (${listOf(distinct)}) ORDER BY level.sku, warehouse_id`,
    distinct,
  );
  const bySku = new Map(grouped(rows).map((level) => [level.sku, level]));
  return skus.flatMap((sku) => bySku.get(sku) ?? []);
}

async function entriesAfter(
  executor: Executor,
  after: Sku | undefined,
): Promise<readonly (readonly [Sku, StockLevel])[]> {
  const rows = await rowsOf<StockRow>(
    executor,
    `${selectRows}
     FROM (SELECT * FROM stock_levels WHERE sku ${after === undefined ? '>=' : '>'} ?
           ORDER BY sku LIMIT ${entriesChunk}) level
     LEFT JOIN warehouse_stock stock ON stock.sku = level.sku
     ORDER BY level.sku, warehouse_id`,
    [after ?? ''],
  );
  return grouped(rows).map((level) => [level.sku, level]);
}

/** Rows of one level stand together. */
function grouped(rows: readonly StockRow[]): StockLevel[] {
  const levels: StockLevel[] = [];
  let warehouses: Record<string, WarehouseStock> = {};
  for (const { sku: bytes, version, updatedAt, warehouseId, ...stock } of rows) {
    const sku = bytes.toString() as Sku;
    if (levels.at(-1)?.sku !== sku) {
      warehouses = {};
      levels.push({ sku, warehouses, version, updatedAt });
    }
    if (warehouseId !== null) warehouses[warehouseId.toString()] = stock;
  }
  return levels;
}
