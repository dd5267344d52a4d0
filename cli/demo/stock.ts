/** Opening stock of the demo, as the commands that bring it in. */
import type { ReceiveStock } from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import type { CommandId } from '#schemas/replies';
import type { WarehouseId } from '#schemas/serviceability';
import type { Decoded } from '#streams';
import { type Random, seededRandom, seedOf } from './random.ts';

export interface OpeningStock {
  readonly sku: Sku;
  readonly command: Decoded<typeof ReceiveStock>;
}

export interface DemoStockOptions {
  readonly skus: Iterable<Sku>;
  readonly warehouses: readonly WarehouseId[];
  readonly seed: number;
}

const OUT_OF_STOCK = 0.05;
const MAX_WAREHOUSES = 4;
const MAX_UNITS = 200;

/**
 * Each SKU in one to four warehouses with up to 200 units each; one in twenty nowhere. The command
 * ids follow from SKU and warehouse, so bringing the same stock in twice changes nothing.
 */
export function* demoStock(options: DemoStockOptions): Generator<OpeningStock> {
  let index = 0;
  for (const sku of options.skus) {
    const random = seededRandom(seedOf(options.seed, index++));
    if (random.chance(OUT_OF_STOCK)) continue;
    for (const warehouseId of someOf(options.warehouses, random)) {
      yield { sku, command: receipt(sku, warehouseId, random.between(1, MAX_UNITS)) };
    }
  }
}

function someOf(warehouses: readonly WarehouseId[], random: Random): WarehouseId[] {
  const left = [...warehouses];
  const count = Math.min(left.length, random.between(1, MAX_WAREHOUSES));
  return Array.from({ length: count }, () => {
    const chosen = random.pick(left);
    left.splice(left.indexOf(chosen), 1);
    return chosen;
  });
}

function receipt(
  sku: Sku,
  warehouseId: WarehouseId,
  quantity: number,
): Decoded<typeof ReceiveStock> {
  return {
    type: 'ReceiveStock',
    commandId: `opening-stock:${sku}:${warehouseId}` as CommandId,
    warehouseId,
    quantity,
    reference: 'opening stock',
  };
}
