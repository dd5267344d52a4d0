import {
  countdown,
  day,
  dayOf,
  department,
  fee,
  leaf,
  moment,
  nearDay,
  paise,
  price,
  sentence,
  weight,
} from './format.ts';

test.each`
  amount            | text
  ${0}              | ${'₹0'}
  ${4_000}          | ${'₹40'}
  ${9_950}          | ${'₹99.50'}
  ${12_990_000}     | ${'₹1,29,900'}
  ${1_234_567_8_00} | ${'₹1,23,45,678'}
`('$amount paise are written $text', ({ amount, text }) => {
  expect(price({ amount, currency: 'INR' })).toBe(text);
});

test('a fee of nothing is free', () => {
  expect(fee({ amount: 0, currency: 'INR' })).toBe('free');
  expect(fee({ amount: 4_900, currency: 'INR' })).toBe('₹49');
});

test('a local date is the same day for every reader', () => {
  expect(day('2026-11-25')).toBe('Wed, 25 Nov');
  expect(day('2026-09-01')).toBe('Tue, 1 Sep');
});

test('a near day is told by its nearness, as it is in India', () => {
  // Already the 24th in India.
  const now = new Date('2026-11-23T19:00:00Z');
  expect(nearDay('2026-11-24', now)).toBe('Today, 24 Nov');
  expect(nearDay('2026-11-25', now)).toBe('Tomorrow, 25 Nov');
  expect(nearDay('2026-11-26', now)).toBe('Thu, 26 Nov');
  expect(nearDay('2026-11-23', now)).toBe('Mon, 23 Nov');
});

test('an instant is told as the day and the time in India', () => {
  expect(dayOf('2026-11-24T18:29:59Z')).toBe('Tue, 24 Nov');
  expect(dayOf('2026-11-24T18:30:00Z')).toBe('Wed, 25 Nov');
  expect(moment('2026-11-24T18:30:00Z')).toBe('Wed, 25 Nov, 00:00');
});

test.each`
  leftMs     | text
  ${900_000} | ${'15:00'}
  ${245_001} | ${'4:06'}
  ${1}       | ${'0:01'}
  ${0}       | ${'0:00'}
  ${-5_000}  | ${'0:00'}
`('$leftMs ms are counted down as $text', ({ leftMs, text }) => {
  expect(countdown(leftMs)).toBe(text);
});

test.each`
  typed        | amount
  ${'99'}      | ${9_900}
  ${' 1,299 '} | ${129_900}
  ${'19.99'}   | ${1_999}
  ${''}        | ${undefined}
  ${'-5'}      | ${undefined}
  ${'1e3'}     | ${undefined}
  ${'12.345'}  | ${undefined}
`('a price typed as "$typed" is $amount paise', ({ typed, amount }) => {
  expect(paise(typed)).toBe(amount);
});

test('names are taken apart and written as people write them', () => {
  expect(sentence('awaiting-payment')).toBe('Awaiting payment');
  expect(leaf('Grocery/Tea/Green tea')).toBe('Green tea');
  expect(department('Grocery/Tea/Green tea')).toBe('Grocery');
  expect(weight(250)).toBe('250 g');
  expect(weight(1_500)).toBe('1.5 kg');
  expect(weight(2_000)).toBe('2 kg');
});
