/** The promise against a slow, obvious model of it. */
import fc from 'fast-check';
import {
  bestPromise,
  type DeliveryPromise,
  type PromiseQuestion,
  rankedPromises,
  reachingWarehouses,
} from './promise.ts';
import type {
  CourierId,
  DispatchRules,
  Pincode,
  PincodeRoutes,
  Route,
  WarehouseId,
} from './serviceability.ts';

/** The same rules said slowly: `Intl` for every question, one day after the other. */
function slowPromises(question: PromiseQuestion): DeliveryPromise[] {
  const promises: DeliveryPromise[] = [];
  for (const route of question.routes?.routes ?? []) {
    const warehouse = question.dispatchRules(route.warehouseId);
    if (!warehouse?.active || !question.stocks(route.warehouseId)) continue;
    if (question.weightGrams > route.maxWeightGrams) continue;
    if (question.cashOnDelivery && !route.cashOnDelivery) continue;
    const promised = slowDay(warehouse, route, question.nowMs);
    if (promised === undefined) continue;
    promises.push({
      warehouseId: route.warehouseId,
      courierId: route.courierId,
      ...promised,
      fee: { amount: slowFee(route, question.weightGrams), currency: route.currency },
      cashOnDelivery: route.cashOnDelivery,
    });
  }
  const ranked = promises.sort(
    (a, b) =>
      a.promisedByMs - b.promisedByMs ||
      a.fee.amount - b.fee.amount ||
      a.warehouseId.localeCompare(b.warehouseId) ||
      a.courierId.localeCompare(b.courierId),
  );
  return ranked.filter(
    (promise, index) =>
      ranked.findIndex(({ warehouseId }) => warehouseId === promise.warehouseId) === index,
  );
}

function slowFee(route: Route, weightGrams: number): number {
  let fee = route.fee;
  for (let grams = 1_000; grams < weightGrams; grams += 1_000) fee += route.feePerKg;
  return fee;
}

function slowDay(warehouse: DispatchRules, route: Route, nowMs: number) {
  const [date = '', time = ''] = shown(nowMs, warehouse.timeZone).split(' ');
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const isWorking = (day: string) =>
    warehouse.workingDays.includes(weekday(day)) && !warehouse.holidays.includes(day);

  let day = hour * 60 + minute < warehouse.cutOffMinute ? date : nextDay(date);
  for (let handled = 0; handled <= warehouse.handlingDays; handled += 1) {
    if (handled > 0) day = nextDay(day);
    for (let closed = 0; !isWorking(day); closed += 1) {
      if (closed > 366) return undefined;
      day = nextDay(day);
    }
  }
  for (let transit = 0; transit < route.transitDays; transit += 1) day = nextDay(day);
  if (route.deliveryDays.length === 0) return undefined;
  while (
    !route.deliveryDays.includes(weekday(day)) ||
    nineInTheEvening(day, warehouse.timeZone) <= nowMs
  ) {
    day = nextDay(day);
  }
  return { promisedByMs: nineInTheEvening(day, warehouse.timeZone), promisedDate: day };
}

/** `2026-11-23 15:59`, as clocks there show it. */
function shown(ms: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  return format.format(ms);
}

function nineInTheEvening(day: string, timeZone: string): number {
  for (let hours = -15; hours <= 15; hours += 0.25) {
    const ms = Date.parse(`${day}T21:00:00Z`) + hours * 3_600_000;
    if (shown(ms, timeZone) === `${day} 21:00`) return ms;
  }
  throw new Error(`21:00 of ${day} is never shown in ${timeZone}`);
}

const nextDay = (day: string) => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
const weekday = (day: string) => new Date(day).getUTCDay() || 7;

const weekdays = fc.subarray([1, 2, 3, 4, 5, 6, 7]);
const warehouseIds = ['w1', 'w2', 'w3'] as WarehouseId[];
const dates = fc
  .date({ min: new Date('2026-03-01'), max: new Date('2026-04-30'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const anyRules = (warehouseId: WarehouseId) =>
  fc.record({
    warehouseId: fc.constant(warehouseId),
    city: fc.constant('Bengaluru'),
    timeZone: fc.constantFrom(
      'Asia/Kolkata',
      'Asia/Kathmandu',
      'America/New_York',
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'UTC',
    ),
    workingDays: weekdays,
    holidays: fc.array(dates, { maxLength: 8 }),
    cutOffMinute: fc.oneof(fc.constantFrom(0, 1, 120, 150, 960, 1_439, 1_440), fc.nat(1_440)),
    handlingDays: fc.nat(4),
    active: fc.boolean(),
  });
const anyRoute = fc.record({
  warehouseId: fc.constantFrom(...warehouseIds, 'w4' as WarehouseId),
  courierId: fc.constantFrom('c1', 'c2', 'c3') as fc.Arbitrary<CourierId>,
  transitDays: fc.nat(6),
  fee: fc.constantFrom(0, 100, 200),
  feePerKg: fc.constantFrom(0, 50, 100),
  currency: fc.constant('INR'),
  maxWeightGrams: fc.constantFrom(1_000, 5_000, 20_000),
  cashOnDelivery: fc.boolean(),
  deliveryDays: weekdays,
});
const anyQuestion: fc.Arbitrary<PromiseQuestion> = fc
  .record({
    warehouses: fc.tuple(...warehouseIds.map(anyRules)),
    routes: fc.uniqueArray(anyRoute, {
      maxLength: 8,
      selector: ({ warehouseId, courierId }) => `${warehouseId} ${courierId}`,
    }),
    stocked: fc.subarray(warehouseIds, { minLength: 1 }),
    // Around the changes of the clocks: Berlin 29 March, Lord Howe 4 April.
    nowMs: fc.integer({
      min: Date.parse('2026-03-06T00:00Z') / 60_000,
      max: Date.parse('2026-04-08T00:00Z') / 60_000,
    }),
    weightGrams: fc.integer({ min: 1, max: 22_000 }),
    cashOnDelivery: fc.boolean(),
  })
  .map(({ warehouses, routes, stocked, nowMs, ...rest }) => ({
    ...rest,
    routes: { pincode: '560001' as Pincode, routes } satisfies PincodeRoutes,
    dispatchRules: (id: WarehouseId) => warehouses.find((w) => w.warehouseId === id),
    stocks: (id: WarehouseId) => stocked.includes(id),
    nowMs: nowMs * 60_000,
  }));

test('promises what stepping day by day through the calendar finds', () => {
  fc.assert(
    fc.property(anyQuestion, (question) => {
      const expected = slowPromises(question);
      expect(rankedPromises(question)).toEqual(expected);
      expect(bestPromise(question)).toEqual(expected[0]);
    }),
    { numRuns: 200 },
  );
});

test('answers the same for the same records at any later moment as for fresh ones', () => {
  fc.assert(
    fc.property(
      anyQuestion,
      fc.array(fc.nat(20 * 24 * 60), { maxLength: 6 }),
      (question, later) => {
        for (const minutes of later) {
          const nowMs = question.nowMs + minutes * 60_000;
          const fresh = (id: WarehouseId) => structuredClone(question.dispatchRules(id));
          expect(rankedPromises({ ...question, nowMs })).toEqual(
            rankedPromises({
              ...question,
              nowMs,
              routes: structuredClone(question.routes),
              dispatchRules: fresh,
            }),
          );
        }
      },
    ),
  );
});

test('groups of warehouses match an item exactly when it can be promised', () => {
  fc.assert(
    fc.property(anyQuestion, (question) => {
      const groups = reachingWarehouses(question);
      const matches = groups.some(
        ({ warehouseIds, maxWeightGrams }) =>
          question.weightGrams <= maxWeightGrams && warehouseIds.some(question.stocks),
      );
      expect(matches).toBe(bestPromise(question) !== undefined);

      const weights = groups.map(({ maxWeightGrams }) => maxWeightGrams);
      expect(weights).toEqual([...new Set(weights)].sort((a, b) => b - a));
      const ids = groups.flatMap(({ warehouseIds }) => warehouseIds);
      expect(ids).toHaveLength(new Set(ids).size);
    }),
  );
});
