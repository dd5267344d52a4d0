/** What must hold of a shop when everybody has been answered: the book agrees, and views equal the log. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OrderReply } from '../journey/replies.ts';
import type { ShopClient } from '../journey/shop-client.ts';
import { heldBy, type Ledger } from './ledger.ts';
import type { Operator } from './operator.ts';
import type { ChaosShop } from './shop-in-chaos.ts';
import { Shopper } from './shopper.ts';

const settlesWithinMs = 60_000;

/** Everybody has what was acknowledged, sends again what was not answered, and then has exactly that. */
export async function bookFaults(
  world: {
    readonly staff: ShopClient;
    readonly ledger: Ledger;
    readonly shoppers: readonly Shopper[];
    readonly operators: readonly Operator[];
  },
  skus: readonly string[],
): Promise<string[]> {
  const all = [...world.shoppers, ...world.operators];
  const each = (check: (one: Shopper | Operator) => Promise<unknown>) =>
    Promise.all(
      all.map((one) => check(one).catch((error: unknown) => one.actor.fault(String(error)))),
    );
  await each((one) => one.checkAcknowledged());
  await each((one) => one.actor.resume());
  await each(async (one) => (one instanceof Shopper ? one.checkExactly() : undefined));
  return [
    ...all.flatMap(({ actor }) => actor.faults.splice(0)),
    ...(await onHandFaults(world, skus)),
  ];
}

/** Receipts, counts and parcels: each counted once. A parcel's units leave soon after its event. */
export async function onHandFaults(
  { staff, ledger }: { readonly staff: ShopClient; readonly ledger: Ledger },
  skus: readonly string[],
): Promise<string[]> {
  const faults: string[] = [];
  for (const sku of skus) {
    const differs = (stock: Awaited<ReturnType<ShopClient['stock']>>) =>
      stock.warehouses.filter(({ id, onHand }) => onHand !== ledger.onHand(sku, id));
    const look = () => staff.stock(sku);
    const same = (stock: Awaited<ReturnType<ShopClient['stock']>>) => differs(stock).length === 0;
    await staff.until(look, same, 10_000).catch(async () => {
      for (const { id, onHand } of differs(await look()))
        faults.push(`${sku} in ${id}: ${onHand} on hand, ${ledger.onHand(sku, id)} in the book`);
    });
  }
  return faults;
}

/** Invariant 2: what is reserved is what open orders hold. Stock is released soon after an end. */
export async function reservedFaults(
  staff: ShopClient,
  skus: readonly string[],
  orders: readonly OrderReply[],
  withinMs = 10_000,
): Promise<string[]> {
  const held = heldBy(orders);
  const look = () => reservedDifferences(staff, skus, held);
  const none = (seen: readonly string[]) => seen.length === 0;
  return staff.until(look, none, withinMs).catch(look);
}

async function reservedDifferences(
  staff: ShopClient,
  skus: readonly string[],
  held: ReadonlyMap<string, number>,
): Promise<string[]> {
  const faults: string[] = [];
  for (const sku of skus) {
    for (const { id, reserved } of (await staff.stock(sku)).warehouses) {
      const wanted = held.get(`${sku} ${id}`) ?? 0;
      if (reserved !== wanted)
        faults.push(`${sku} in ${id}: ${reserved} reserved, open orders hold ${wanted}`);
    }
  }
  return faults;
}

export async function openFindings(staff: ShopClient): Promise<string[]> {
  const look = () => staff.ask<{ findings: readonly unknown[] }>('GET', '/v1/reconciliation');
  const none = ({ findings }: { findings: readonly unknown[] }) => findings.length === 0;
  return staff.until(look, none, settlesWithinMs).then(
    () => [],
    (error: unknown) => [`reconciliation: ${error}`],
  );
}

export async function auditFaults(environment: ChaosShop['environment']): Promise<string[]> {
  const command = join(import.meta.dirname, '../../cli/millrace.cjs');
  const env = { ...process.env, NODE_OPTIONS: '', ...environment };
  return promisify(execFile)(process.execPath, [command, 'audit'], { env }).then(
    () => [],
    (error: { stdout?: string; stderr?: string }) => [
      `audit: ${error.stdout ?? ''}${error.stderr ?? ''}`,
    ],
  );
}
