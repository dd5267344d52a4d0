/** When lines of a cart, or suggested items, would reach a pincode. */
import { call } from './api.ts';
import { useLoad } from './use-load.ts';
import type { Delivery, PromiseOption } from './wire.ts';

interface Wanted {
  readonly sku: string;
  readonly quantity: number;
}

/** By SKU; an SKU is missing while its answer is awaited, and when none came. */
export function useDeliveries(
  wanted: readonly Wanted[],
  code: string,
): ReadonlyMap<string, Delivery> {
  const key = wanted.map(({ sku, quantity }) => `${sku}:${quantity}`).join(' ');
  const { value } = useLoad(`deliveries to ${code} of ${key}`, async (signal) => {
    if (code === '') return none;
    const asked = wanted.map(async (line) => [line.sku, await ask(line, code, signal)] as const);
    const answered = await Promise.allSettled(asked);
    return new Map(answered.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
  });
  return value ?? none;
}

const none: ReadonlyMap<string, Delivery> = new Map();

async function ask(
  { sku, quantity }: Wanted,
  code: string,
  signal: AbortSignal,
): Promise<Delivery> {
  const query = new URLSearchParams({ pincode: code, sku, quantity: String(quantity) });
  const path = `/v1/serviceability?${query}`;
  const { options } = await call<{ options: readonly PromiseOption[] }>('GET', path, { signal });
  return bestOf(options);
}

/** The API puts the best first. */
function bestOf([best]: readonly PromiseOption[]): Delivery {
  if (best === undefined) return undeliverable;
  const { promisedBy, promisedDate, fee, cashOnDelivery, warehouseId, city } = best;
  const from = { warehouseId, city };
  return { deliverable: true, promisedBy, promisedDate, fee, cashOnDelivery, from };
}

const undeliverable: Delivery = {
  deliverable: false,
  promisedBy: null,
  promisedDate: null,
  fee: null,
  from: null,
  cashOnDelivery: false,
};
