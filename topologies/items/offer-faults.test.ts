import type { ItemOffer, Sku } from '#schemas/items';
import { faultsOf } from './offer-faults.ts';

const good: ItemOffer = {
  sku: 'TEA-250' as Sku,
  title: 'Darjeeling tea, 250 g',
  description: '',
  brand: 'Acme',
  category: 'Grocery/Tea',
  attributes: { leaf: 'whole' },
  price: { amount: 49_900, currency: 'INR' },
  weightGrams: 300,
  cashOnDelivery: true,
  imageUrl: null,
};

const inr = (amount: number) => ({ amount, currency: 'INR' });
const attributes = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, 'x']));

test.each([
  { sku: 'a' },
  { sku: `A${'.'.repeat(63)}` },
  { title: 'x'.repeat(200) },
  { brand: 'x'.repeat(100) },
  { description: 'x'.repeat(10_000) },
  { category: 'Books' },
  { category: 'A/B/C/D/E/F' },
  { price: inr(1) },
  { price: inr(10_000_000_000) },
  { weightGrams: 1 },
  { weightGrams: 100_000 },
  { attributes: attributes(50) },
  { attributes: { note: 'x'.repeat(500) } },
  { imageUrl: 'https://example.com/tea.jpg' },
  { imageUrl: 'http://example.com/tea.jpg' },
])('finds no fault with %j', (of) => {
  expect(faultsOf({ ...good, ...of } as ItemOffer, 'INR')).toEqual([]);
});

test.each([
  [{ sku: '' }, "sku is \"\": give 1 to 64 letters, digits, '.', '_' or '-'"],
  [{ sku: '-tea' }, "sku is \"-tea\": give 1 to 64 letters, digits, '.', '_' or '-'"],
  [{ sku: 'a/b' }, "sku is \"a/b\": give 1 to 64 letters, digits, '.', '_' or '-'"],
  [{ title: ' \t' }, 'title is empty: give 1 to 200 characters'],
  [{ title: 'x'.repeat(201) }, 'title has 201 characters: give 1 to 200 characters'],
  [{ brand: '' }, 'brand is empty: give 1 to 100 characters'],
  [{ description: 'x'.repeat(10_001) }, 'description has 10001 characters: give at most 10000'],
  [{ category: '' }, 'category is "": give 1 to 6 names joined by \'/\', such as Grocery/Tea'],
  [
    { category: 'A//B' },
    'category is "A//B": give 1 to 6 names joined by \'/\', such as Grocery/Tea',
  ],
  [
    { category: 'A /B' },
    'category is "A /B": give 1 to 6 names joined by \'/\', such as Grocery/Tea',
  ],
  [
    { category: 'A/B/C/D/E/F/G' },
    'category is "A/B/C/D/E/F/G": give 1 to 6 names joined by \'/\', such as Grocery/Tea',
  ],
  [{ price: inr(0) }, 'price.amount is 0: give 1 to 10000000000 minor units'],
  [{ price: inr(-5) }, 'price.amount is -5: give 1 to 10000000000 minor units'],
  [
    { price: inr(10_000_000_001) },
    'price.amount is 10000000001: give 1 to 10000000000 minor units',
  ],
  [
    { price: { amount: 1, currency: 'inr' } },
    'price.currency is "inr": give INR, the currency of the shop',
  ],
  [{ weightGrams: 0 }, 'weightGrams is 0: give 1 to 100000 grams'],
  [{ weightGrams: 100_001 }, 'weightGrams is 100001: give 1 to 100000 grams'],
  [{ attributes: attributes(51) }, 'attributes are 51: give at most 50'],
  [{ attributes: { ' ': 'x' } }, 'attributes." " has a bad name: give 1 to 60 characters'],
  [
    { attributes: { note: 'x'.repeat(501) } },
    'attributes."note" has 501 characters: give at most 500',
  ],
  [
    { imageUrl: 'javascript:alert(1)' },
    'imageUrl is "javascript:alert(1)": give an address that begins with https:// or http://, or none',
  ],
  [
    { imageUrl: 'tea.jpg' },
    'imageUrl is "tea.jpg": give an address that begins with https:// or http://, or none',
  ],
])('says of %j: %s', (of, reason) => {
  expect(faultsOf({ ...good, ...of } as ItemOffer, 'INR').map((fault) => fault.reason)).toEqual([
    reason,
  ]);
});

test('lists every fault of an offer at once', () => {
  const bad = { ...good, title: '', brand: '', weightGrams: 0, price: inr(0) };
  expect(faultsOf(bad, 'INR').map(({ field }) => field)).toEqual([
    'title',
    'brand',
    'price.amount',
    'weightGrams',
  ]);
});

test('cuts a long value where it shows it', () => {
  const [fault] = faultsOf({ ...good, imageUrl: 'x'.repeat(3_000) }, 'INR');
  expect(fault?.reason.length).toBeLessThan(160);
});
