/** How money, days and names are written for people in India. */
import type { Money } from './wire.ts';

const wholeRupees = new Intl.NumberFormat('en-IN', {
  style: 'currency',
  currency: 'INR',
  maximumFractionDigits: 0,
});

/** `₹1,29,900`; paise are shown only where there are some: `₹99.50`. */
export function price({ amount, currency }: Money): string {
  if (currency === 'INR' && amount % 100 === 0) return wholeRupees.format(amount / 100);
  return new Intl.NumberFormat('en-IN', { style: 'currency', currency }).format(amount / 100);
}

/** A fee of nothing is worth a word. */
export function fee(money: Money): string {
  return money.amount === 0 ? 'free' : price(money);
}

export function count(number: number): string {
  return number.toLocaleString('en-IN');
}

/** A local date, `2026-11-25`, as `Wed, 25 Nov`. It has no time, so no zone may move it. */
export function day(date: string): string {
  return formatted(new Date(`${date}T00:00:00Z`), 'UTC');
}

/** As `day`, but `Today, 23 Nov` and `Tomorrow, 24 Nov` as it is seen where the shop delivers. */
export function nearDay(date: string, now: Date): string {
  const ahead = (Date.parse(date) - Date.parse(dateInIndia.format(now))) / 86_400_000;
  const near = ['Today', 'Tomorrow'][ahead];
  return near === undefined ? day(date) : day(date).replace(/^\w+/, near);
}

/** Writes `2026-11-25`, as Swedes do. */
const dateInIndia = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Kolkata' });

/** The day of an instant where the shop delivers. */
export function dayOf(time: string): string {
  return formatted(new Date(time), 'Asia/Kolkata');
}

/** Not by the browser's locale data, whose commas change from version to version. */
function formatted(date: Date, timeZone: string): string {
  const options = { weekday: 'short', day: 'numeric', month: 'short', timeZone } as const;
  const parts = new Intl.DateTimeFormat('en-GB', options).formatToParts(date);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('weekday')}, ${part('day')} ${part('month').slice(0, 3)}`;
}

export function moment(time: string): string {
  const clock = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'Asia/Kolkata',
  });
  return `${dayOf(time)}, ${clock.format(new Date(time))}`;
}

/** `4:05`. What is over is `0:00`. */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `awaiting-payment` as `Awaiting payment`. */
export function sentence(name: string): string {
  const words = name.replaceAll(/[-_]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The last step of a category path. */
export function leaf(category: string): string {
  return category.slice(category.lastIndexOf('/') + 1);
}

export function department(category: string): string {
  return category.split('/', 1)[0] ?? category;
}

export function weight(grams: number): string {
  return grams < 1000 ? `${grams} g` : `${(grams / 1000).toFixed(1).replace(/\.0$/, '')} kg`;
}

/** Rupees as typed into a price box, in paise; `undefined` when it is no price. */
export function paise(typed: string): number | undefined {
  const text = typed.trim().replaceAll(',', '');
  return /^\d{1,8}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : undefined;
}
