/** Of a stock level, what search shows of it. */
import { available, type StockLevel } from '#schemas/inventory';

/** Warehouses with a unit to promise, by id. */
export function stockingWarehouses({ warehouses }: StockLevel): readonly string[] {
  const stocking = Object.entries(warehouses).filter(([, stock]) => available(stock) > 0);
  return stocking.map(([id]) => id).sort();
}
