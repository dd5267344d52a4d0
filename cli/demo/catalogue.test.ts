import { demoFeed, demoOffers } from './catalogue.ts';

const offers = [...demoOffers({ count: 10_000, seed: 7 })];

test('makes the same offers from the same seed, and others from another', () => {
  expect([...demoOffers({ count: 10_000, seed: 7 })]).toEqual(offers);
  expect([...demoOffers({ count: 100, seed: 8 })]).not.toEqual(offers.slice(0, 100));
});

test('makes the same first offers however many are asked for', () => {
  expect([...demoOffers({ count: 50, seed: 7 })]).toEqual(offers.slice(0, 50));
});

test('gives each of 100,000 offers a SKU of its own, readable and short', () => {
  const skus = new Set<string>();
  for (const { sku } of demoOffers({ count: 100_000, seed: 7 })) {
    if (!/^[A-Z]{3}(-[A-Z]{3})?-\d{5}$/.test(sku)) throw new Error(`unreadable: ${sku}`);
    skus.add(sku);
  }
  expect(skus.size).toBe(100_000);
});

test('spreads the offers over twelve departments and category paths of three levels', () => {
  const departments = new Map<string, number>();
  for (const { category } of offers) {
    expect(category.split('/')).toHaveLength(3);
    const department = category.split('/')[0] ?? '';
    departments.set(department, (departments.get(department) ?? 0) + 1);
  }
  expect(departments.size).toBe(12);
  expect(Math.min(...departments.values())).toBeGreaterThan(800);
});

test('asks plausible prices, in whole rupees, for plausible weights', () => {
  for (const { price, weightGrams, sku } of offers) {
    expect({ sku, inRange: price.amount >= 2_000 && price.amount <= 13_000_000 }).toEqual({
      sku,
      inRange: true,
    });
    expect(price.currency).toBe('INR');
    expect(price.amount % 100).toBe(0);
    expect(weightGrams).toBeGreaterThan(0);
    expect(weightGrams).toBeLessThanOrEqual(25_000);
  }
});

test('asks more for a kilogram of tea than for a hundred grams', () => {
  const tea = offers.filter((offer) => offer.category === 'Grocery/Tea/Black tea');
  const prices = (pack: string) =>
    tea.filter((offer) => offer.attributes.pack === pack).map((offer) => offer.price.amount);
  expect(prices('100 g').length).toBeGreaterThan(0);
  expect(Math.max(...prices('100 g'))).toBeLessThan(Math.min(...prices('1 kg')));
});

test('takes cash for most items, but never for the dearest', () => {
  const cash = offers.filter((offer) => offer.cashOnDelivery);
  expect(cash.length).toBeGreaterThan(8_000);
  expect(Math.max(...cash.map((offer) => offer.price.amount))).toBeLessThanOrEqual(2_000_000);
});

test('names each item by its brand, but books by their title alone', () => {
  for (const { title, brand, category } of offers) {
    expect(title.startsWith(`${brand} `)).toBe(!category.startsWith('Books/'));
  }
});

test('is a feed of one JSON offer a line', async () => {
  const lines: string[] = [];
  for await (const line of demoFeed({ count: 3, seed: 7 })) lines.push(line);
  expect(lines.map((line) => JSON.parse(line))).toEqual(offers.slice(0, 3));
  expect(
    lines.every((line) => line.endsWith('}\n') && line.indexOf('\n') === line.length - 1),
  ).toBe(true);
});
