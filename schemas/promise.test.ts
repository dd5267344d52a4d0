import {
  bestPromise,
  type DeliveryPromise,
  deliveryFee,
  type PromiseQuestion,
  rankedPromises,
} from './promise.ts';
import type { CourierId, DispatchRules, Pincode, Route, WarehouseId } from './serviceability.ts';

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const mondayToFriday = [1, 2, 3, 4, 5];

function rules(of: Partial<DispatchRules> = {}): DispatchRules {
  return {
    warehouseId: 'blr' as WarehouseId,
    city: 'Bengaluru',
    timeZone: 'Asia/Kolkata',
    workingDays: mondayToFriday,
    holidays: [],
    cutOffMinute: 16 * 60,
    handlingDays: 0,
    active: true,
    ...of,
  };
}

function route(of: Partial<Route> = {}): Route {
  return {
    warehouseId: 'blr' as WarehouseId,
    courierId: 'swift' as CourierId,
    transitDays: 1,
    fee: 4_900,
    feePerKg: 1_000,
    currency: 'INR',
    maxWeightGrams: 20_000,
    cashOnDelivery: true,
    deliveryDays: everyDay,
    ...of,
  };
}

function ask(
  now: string,
  warehouses: readonly DispatchRules[],
  routes: readonly Route[],
  of: Partial<PromiseQuestion> = {},
): PromiseQuestion {
  return {
    routes: { pincode: '560001' as Pincode, routes },
    dispatchRules: (id) => warehouses.find(({ warehouseId }) => warehouseId === id),
    stocks: () => true,
    nowMs: Date.parse(now),
    weightGrams: 500,
    cashOnDelivery: false,
    ...of,
  };
}

// 2026-11-23 is a Monday, 2026-11-27 a Friday. The cut-off is at 16:00, transit takes a day.
describe('the delivery day', () => {
  test.each`
    now                            | handling | holidays                        | delivered       | why
    ${'2026-11-23T15:59:59+05:30'} | ${0}     | ${[]}                           | ${'2026-11-24'} | ${'the second before the cut-off is in time'}
    ${'2026-11-23T16:00:00+05:30'} | ${0}     | ${[]}                           | ${'2026-11-25'} | ${'the minute of the cut-off is too late'}
    ${'2026-11-23T00:00:00+05:30'} | ${0}     | ${[]}                           | ${'2026-11-24'} | ${'the day begins at midnight'}
    ${'2026-11-22T23:59:59+05:30'} | ${0}     | ${[]}                           | ${'2026-11-24'} | ${'Sunday night waits for Monday'}
    ${'2026-11-27T10:00:00+05:30'} | ${0}     | ${[]}                           | ${'2026-11-28'} | ${'Friday morning leaves on Friday'}
    ${'2026-11-27T18:00:00+05:30'} | ${0}     | ${[]}                           | ${'2026-12-01'} | ${'Friday evening leaves on Monday'}
    ${'2026-11-27T18:00:00+05:30'} | ${0}     | ${['2026-11-30']}               | ${'2026-12-02'} | ${'or on Tuesday when Monday is a holiday'}
    ${'2026-11-28T09:00:00+05:30'} | ${0}     | ${[]}                           | ${'2026-12-01'} | ${'Saturday is no working day'}
    ${'2026-11-25T09:00:00+05:30'} | ${2}     | ${[]}                           | ${'2026-11-28'} | ${'handling counts working days'}
    ${'2026-11-26T09:00:00+05:30'} | ${2}     | ${[]}                           | ${'2026-12-01'} | ${'handling passes over the weekend'}
    ${'2026-11-26T09:00:00+05:30'} | ${1}     | ${['2026-11-27', 'not a date']} | ${'2026-12-01'} | ${'handling passes over a holiday'}
    ${'2026-12-31T18:00:00+05:30'} | ${0}     | ${['2027-01-01']}               | ${'2027-01-05'} | ${'the year ends in between'}
  `('is $delivered when ordered at $now: $why', ({ now, handling, holidays, delivered }) => {
    const warehouse = rules({ handlingDays: handling, holidays });
    const promise = bestPromise(ask(now, [warehouse], [route()]));
    expect(promise?.promisedDate).toBe(delivered);
    expect(promise?.promisedByMs).toBe(Date.parse(`${delivered}T21:00:00+05:30`));
  });

  test('is the next day on which the courier delivers', () => {
    const weekdays = route({ transitDays: 2, deliveryDays: mondayToFriday });
    const promise = bestPromise(ask('2026-11-26T09:00:00+05:30', [rules()], [weekdays]));
    expect(promise?.promisedDate).toBe('2026-11-30');
  });

  test('counts transit in calendar days, holidays of the warehouse included', () => {
    const warehouse = rules({ holidays: ['2026-11-24', '2026-11-25'] });
    const promise = bestPromise(
      ask('2026-11-23T09:00:00+05:30', [warehouse], [route({ transitDays: 2 })]),
    );
    expect(promise?.promisedDate).toBe('2026-11-25');
  });

  test.each`
    now                            | delivered
    ${'2026-11-23T20:59:59+05:30'} | ${'2026-11-23'}
    ${'2026-11-23T21:00:00+05:30'} | ${'2026-11-24'}
  `('is never over when it is promised, at $now', ({ now, delivered }) => {
    const allDay = rules({ cutOffMinute: 1_440 });
    const promise = bestPromise(ask(now, [allDay], [route({ transitDays: 0 })]));
    expect(promise?.promisedDate).toBe(delivered);
  });

  test('is a week later when the only delivery day of the week has just ended', () => {
    const mondays = route({ transitDays: 0, deliveryDays: [1] });
    const promise = bestPromise(
      ask('2026-11-23T22:00:00+05:30', [rules({ cutOffMinute: 1_440 })], [mondays]),
    );
    expect(promise?.promisedDate).toBe('2026-11-30');
  });

  test('is never the day of the order when the cut-off is at minute 0', () => {
    const promise = bestPromise(
      ask('2026-11-23T00:00:00+05:30', [rules({ cutOffMinute: 0 })], [route({ transitDays: 0 })]),
    );
    expect(promise?.promisedDate).toBe('2026-11-24');
  });

  // Berlin goes to summer time on 2026-03-29 and back on 2026-10-25, both Sundays.
  test.each`
    now                       | promisedBy                | why
    ${'2026-03-28T14:59:00Z'} | ${'2026-03-29T19:00:00Z'} | ${'15:59 in winter, 21:00 in summer'}
    ${'2026-03-29T13:59:00Z'} | ${'2026-03-30T19:00:00Z'} | ${'15:59 in summer'}
    ${'2026-03-29T14:00:00Z'} | ${'2026-03-31T19:00:00Z'} | ${'16:00 in summer'}
    ${'2026-10-24T13:59:00Z'} | ${'2026-10-25T20:00:00Z'} | ${'15:59 in summer, 21:00 in winter'}
    ${'2026-10-25T14:59:00Z'} | ${'2026-10-26T20:00:00Z'} | ${'15:59 in winter'}
  `('follows clocks that change: $why', ({ now, promisedBy }) => {
    const berlin = rules({ timeZone: 'Europe/Berlin', workingDays: everyDay });
    const promise = bestPromise(ask(now, [berlin], [route()]));
    expect(new Date(promise?.promisedByMs ?? 0).toISOString()).toBe(
      new Date(promisedBy).toISOString(),
    );
  });
});

const now = '2026-11-23T09:00:00+05:30';
const at = (warehouseId: string, of: Partial<DispatchRules> = {}) =>
  rules({ warehouseId: warehouseId as WarehouseId, ...of });
const by = (warehouseId: string, courierId: string, of: Partial<Route> = {}) =>
  route({ warehouseId: warehouseId as WarehouseId, courierId: courierId as CourierId, ...of });
const brief = ({ warehouseId, courierId }: DeliveryPromise) => `${warehouseId} by ${courierId}`;

describe('the choice', () => {
  test('within a warehouse is the earliest, then the cheapest, then by courier id', () => {
    const choose = (...routes: Route[]) => rankedPromises(ask(now, [at('blr')], routes)).map(brief);
    const slow = by('blr', 'slow', { transitDays: 3, fee: 0 });
    const fast = by('blr', 'fast', { transitDays: 1, fee: 9_900 });
    const cheap = by('blr', 'cheap', { transitDays: 1, fee: 9_800 });
    const alike = by('blr', 'alike', { transitDays: 1, fee: 9_800 });
    expect(choose(slow, fast)).toEqual(['blr by fast']);
    expect(choose(slow, fast, cheap)).toEqual(['blr by cheap']);
    expect(choose(slow, fast, cheap, alike)).toEqual(['blr by alike']);
  });

  test('among warehouses is by day, then by fee, then by warehouse id', () => {
    const warehouses = [at('a'), at('b'), at('c'), at('d')];
    const routes = [
      by('a', 'x', { transitDays: 2, fee: 100 }),
      by('b', 'x', { transitDays: 1, fee: 300 }),
      by('c', 'x', { transitDays: 1, fee: 200 }),
      by('d', 'x', { transitDays: 1, fee: 300 }),
    ];
    const ranked = rankedPromises(ask(now, warehouses, routes)).map(brief);
    expect(ranked).toEqual(['c by x', 'b by x', 'd by x', 'a by x']);
  });
});

describe('the choice leaves out', () => {
  test('warehouses without the goods, inactive, unknown or never open', () => {
    const warehouses = [
      at('empty'),
      at('idle', { active: false }),
      at('closed', { workingDays: [] }),
      at('open'),
    ];
    const routes = ['empty', 'idle', 'closed', 'unknown', 'open'].map((id) => by(id, 'x'));
    const question = ask(now, warehouses, routes, { stocks: (id) => id !== 'empty' });
    expect(rankedPromises(question).map(brief)).toEqual(['open by x']);
  });

  test('couriers for whom the parcel is too heavy, but not at their very limit', () => {
    const light = by('blr', 'light', { maxWeightGrams: 2_000, transitDays: 0 });
    const heavy = by('blr', 'heavy', { maxWeightGrams: 20_000 });
    const of = (weightGrams: number) =>
      rankedPromises(ask(now, [at('blr')], [light, heavy], { weightGrams })).map(brief);
    expect(of(2_000)).toEqual(['blr by light']);
    expect(of(2_001)).toEqual(['blr by heavy']);
    expect(of(20_001)).toEqual([]);
  });

  test('couriers who take no cash when cash is asked for', () => {
    const routes = [
      by('blr', 'card', { cashOnDelivery: false, transitDays: 0 }),
      by('blr', 'cash', { cashOnDelivery: true }),
    ];
    const of = (cashOnDelivery: boolean) =>
      rankedPromises(ask(now, [at('blr')], routes, { cashOnDelivery })).map(brief);
    expect(of(false)).toEqual(['blr by card']);
    expect(of(true)).toEqual(['blr by cash']);
  });

  test('everything for an unknown pincode, and couriers that never deliver', () => {
    expect(bestPromise(ask(now, [at('blr')], [], { routes: undefined }))).toBeUndefined();
    const never = by('blr', 'x', { deliveryDays: [] });
    expect(bestPromise(ask(now, [at('blr')], [never]))).toBeUndefined();
  });
});

test.each`
  weightGrams | fee
  ${0}        | ${100}
  ${1}        | ${100}
  ${1_000}    | ${100}
  ${1_001}    | ${107}
  ${2_000}    | ${107}
  ${2_001}    | ${114}
`('a parcel of $weightGrams g costs $fee', ({ weightGrams, fee }) => {
  expect(deliveryFee({ fee: 100, feePerKg: 7 }, weightGrams)).toBe(fee);
});
