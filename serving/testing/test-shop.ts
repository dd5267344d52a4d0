/** A gateway on fakes, with people who are signed in: what every test of a service begins with. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import type { BehaviourEvent } from '#schemas/behaviour';
import { type Item, itemIdOf, type Sku, type SupplierId } from '#schemas/items';
import type { PaymentId } from '#schemas/orders';
import type { ChargeId } from '#schemas/payments';
import type { CourierId, Pincode, WarehouseId } from '#schemas/serviceability';
import type { Role, UserId } from '#schemas/users';
import type { IdempotencyStore, StoredAnswer } from '#views/idempotency-store';
import type { Dependencies, ServingSettings, Views } from '../dependencies.ts';
import type { FactWriter } from '../fact-writer.ts';
import { buildGateway } from '../gateway/gateway.ts';
import { accessTokens } from '../identity/access-tokens.ts';
import type { SandboxGateway, SandboxWish } from '../sandbox/sandbox-gateway.ts';
import type { Taps } from '../taps/taps.ts';
import { type FakeBus, fakeBus } from './fake-bus.ts';
import { fakeUsers } from './fake-users.ts';
import { type FakeViews, fakeViews } from './fake-views.ts';

/** Monday 2026-11-23, 10:00 in India. */
export const startMs = Date.parse('2026-11-23T04:30:00Z');
export const bengaluru = '560001' as Pincode;
export const tea = 'TEA-250' as Sku;

export interface TestShop {
  readonly app: FastifyInstance;
  readonly tables: FakeViews['tables'];
  readonly bus: FakeBus;
  readonly dependencies: Dependencies;
  readonly noted: BehaviourEvent[];
  readonly published: { readonly topic: string; readonly key: unknown; readonly value: unknown }[];
  readonly wishes: SandboxWish[];
  readonly clock: { ms: number };
  /** A header for somebody with these roles; without any, a shopper. */
  as(name: string, ...roles: Role[]): { authorization: string };
  guest(name: string): { authorization: string; token: string };
  call(options: InjectOptions): Promise<LightMyRequestResponse>;
}

const testSettings: ServingSettings = {
  jwtSecret: 'a secret for tests that is long enough',
  webhookSecrets: { sandbox: 'webhook secret' },
  currency: 'INR',
  passwordCost: 8,
  decisionTimeoutMs: 200,
  viewTimeoutMs: 200,
};

/** What is to be instead of a fake. */
export interface Replaced {
  readonly taps?: Taps;
  readonly settings?: Partial<ServingSettings>;
  readonly views?: Partial<Views>;
}

export async function testShop(replaced: Replaced = {}): Promise<TestShop> {
  const views = fakeViews();
  const clock = { ms: startMs };
  const nowMs = () => clock.ms;
  const bus = fakeBus(views, nowMs);
  const facts = fakeFacts();
  const users = fakeUsers();
  const wishes: SandboxWish[] = [];
  const dependencies: Dependencies = {
    views: { ...views.views, ...replaced.views },
    users,
    profiles: users,
    idempotency: fakeIdempotency(),
    commands: bus,
    facts: facts.writer,
    taps: replaced.taps ?? noTaps,
    sandbox: fakeSandbox(views, wishes),
    operations: fakeOperations,
    clock: { nowMs },
    ids: countingIds(),
    settings: { ...testSettings, ...replaced.settings },
  };
  const app = buildGateway(dependencies);
  await app.ready();
  const tokens = accessTokens(app, { nowMs });
  const headerOf = (userId: UserId, roles: readonly Role[], isGuest: boolean) => {
    const { token } = tokens.issue({ userId, roles, isGuest });
    return { authorization: `Bearer ${token}`, token };
  };
  return {
    app,
    tables: views.tables,
    bus,
    dependencies,
    noted: facts.noted,
    published: facts.published,
    wishes,
    clock,
    as: (name, ...roles) => ({
      authorization: headerOf(`user_${name}` as UserId, roles, false).authorization,
    }),
    guest: (name) => headerOf(`guest_${name}` as UserId, [], true),
    call: async (options) => app.inject(options),
  };
}

/** Not random, but different each time, and long enough to be any id. */
function countingIds() {
  let count = 0;
  return {
    next: (): string => {
      count += 1;
      return createHash('sha256').update(String(count)).digest('hex').slice(0, 32);
    },
  };
}

function fakeFacts() {
  const noted: BehaviourEvent[] = [];
  const published: TestShop['published'] = [];
  const writer: FactWriter = {
    publish: async (topic, key, value) => {
      published.push({ topic: topic.name, key, value });
    },
    note: (_userId, event) => {
      noted.push(event);
    },
    droppedCount: 0,
    close: async () => {},
  };
  return { noted, published, writer };
}

function fakeIdempotency(): IdempotencyStore {
  const answers = new Map<string, StoredAnswer>();
  return {
    get: async (scope, key) => answers.get(`${scope} ${key}`),
    save: async (scope, key, answer) => {
      answers.set(`${scope} ${key}`, answer);
    },
    deleteBefore: async () => 0,
  };
}

function fakeSandbox({ tables }: FakeViews, wishes: SandboxWish[]): SandboxGateway {
  const paymentOf = (id: PaymentId) =>
    [...tables.liveOrders.rows.values()].find(({ payment }) => payment.id === id);
  return {
    async payment(id) {
      const order = paymentOf(id);
      return order && { id, amount: order.total, status: 'awaiting', expiresAtMs: startMs };
    },
    async settle(id, wish) {
      if (!paymentOf(id)) return undefined;
      wishes.push(wish);
      return `charge_of_${id}` as ChargeId;
    },
  };
}

const noTaps: Taps = {
  topics: async () => [],
  async *read() {},
};

const fakeOperations = {
  readiness: async () => [{ name: 'views', ready: true, detail: '' }],
  metrics: async () => 'millrace_up 1\n',
  topology: () => 'Topologies:\n',
};

function sampleItem(sku: string, change: Partial<Item> = {}): Item {
  return {
    id: itemIdOf(sku as Sku),
    sku: sku as Sku,
    supplierId: 'user_sara' as SupplierId,
    title: `Green tea ${sku}`,
    description: 'Whole leaves',
    brand: 'Nilgiri',
    category: 'Grocery/Tea',
    attributes: { leaf: 'whole' },
    price: { amount: 24_900, currency: 'INR' },
    weightGrams: 250,
    cashOnDelivery: true,
    imageUrl: null,
    version: 1,
    listedAt: startMs,
    updatedAt: startMs,
    ...change,
  };
}

/** Lists an item, with units in Bengaluru, which reaches Bengaluru. */
export function stockItem({ tables }: TestShop, sku: string, units: number): void {
  tables.items.put(itemIdOf(sku as Sku), sampleItem(sku));
  const stock = { onHand: units, reserved: 0, received: units, adjusted: 0, shipped: 0 };
  const level = { sku: sku as Sku, warehouses: { BLR: stock }, version: 1, updatedAt: startMs };
  tables.inventory.put(sku as Sku, level);
  const warehouseId = 'BLR' as WarehouseId;
  const days = [1, 2, 3, 4, 5, 6, 7];
  const route = { warehouseId, courierId: 'swift' as CourierId, transitDays: 1, fee: 4_900 };
  const more = { feePerKg: 0, currency: 'INR', maxWeightGrams: 30_000, cashOnDelivery: true };
  tables.serviceability.routes.put(bengaluru, {
    pincode: bengaluru,
    routes: [{ ...route, ...more, deliveryDays: days }],
  });
  tables.serviceability.dispatchRules.put(warehouseId, {
    warehouseId,
    city: 'Bengaluru',
    timeZone: 'Asia/Kolkata',
    workingDays: days,
    holidays: [],
    cutOffMinute: 900,
    handlingDays: 0,
    active: true,
  });
}

export const anAddress = {
  name: 'Anna',
  lines: ['1 MG Road'],
  city: 'Bengaluru',
  pincode: bengaluru,
  phone: '+91 80 1234 5678',
};
