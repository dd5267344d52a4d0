/**
 * Offers of a demo catalogue, from a seed. Names, brands and texts are invented (data/kinds.json);
 * prices and weights are plausible for the kind.
 *
 * An offer depends on the seed and on its number alone: the first hundred of ten thousand are the
 * same as a hundred made alone.
 */
import { readFileSync } from 'node:fs';
import type { ItemOffer, Sku } from '#schemas/items';
import { type Random, seededRandom, seedOf } from './random.ts';

export interface DemoOffersOptions {
  readonly count: number;
  readonly seed: number;
}

interface Kind {
  /** Begins the SKU: `TEA-GRN`. */
  readonly code: string;
  /** Below the department: `Tea/Green tea`. */
  readonly path: string;
  readonly nouns: readonly string[];
  readonly qualities: readonly string[];
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** The attribute that also stands in the title. */
  readonly inTitle: string;
  readonly rupees: readonly [low: number, high: number];
  readonly grams: readonly [low: number, high: number];
  readonly sentences: readonly string[];
}

interface Department {
  readonly department: string;
  readonly brands: readonly string[];
  readonly kinds: readonly Kind[];
}

interface PlacedKind extends Kind {
  readonly department: string;
  readonly brands: readonly string[];
}

const FILE = new URL('data/kinds.json', import.meta.url);
/** Dearer or heavier than this is not handed over for cash. */
const CASH_LIMIT_RUPEES = 20_000;
const CASH_LIMIT_GRAMS = 15_000;

/** Departments take turns, and kinds within a department: every prefix of the list is mixed. */
export function* demoOffers(options: DemoOffersOptions): Generator<ItemOffer> {
  const departments = readDepartments();
  for (let index = 0; index < options.count; index++) {
    const department = departments[index % departments.length] ?? [];
    const round = Math.floor(index / departments.length);
    const kind = department[round % department.length];
    if (kind === undefined) throw new RangeError(`${FILE.pathname}: a department has no kinds`);
    const serial = 1 + Math.floor(round / department.length);
    yield offerOf(kind, serial, seededRandom(seedOf(options.seed, index)));
  }
}

/** The same as a feed: one JSON object a line, as `POST /v1/inbound/feeds` takes it. */
export async function* demoFeed(options: DemoOffersOptions): AsyncGenerator<string> {
  for (const offer of demoOffers(options)) yield `${JSON.stringify(offer)}\n`;
}

function readDepartments(): PlacedKind[][] {
  const departments = JSON.parse(readFileSync(FILE, 'utf8')) as Department[];
  return departments.map(({ department, brands, kinds }) =>
    kinds.map((kind) => ({ ...kind, department, brands })),
  );
}

function offerOf(kind: PlacedKind, serial: number, random: Random): ItemOffer {
  const brand = random.pick(kind.brands);
  const made = kind.department !== 'Books'; // A book is known by its title, not by its publisher.
  const noun = random.pick(kind.nouns);
  const name = `${random.pick(kind.qualities)} ${made ? lowerFirst(noun) : noun}`;
  const attributes = Object.fromEntries(
    Object.entries(kind.attributes).map(([key, values]) => [key, random.pick(values)]),
  );
  const size = sizeWithinKind(kind, attributes[kind.inTitle], random);
  const rupees = tidyPrice(scale(kind.rupees, size));
  const grams = Math.max(1, Math.round(scale(kind.grams, size)));

  return {
    sku: `${kind.code}-${String(serial).padStart(5, '0')}` as Sku,
    title: `${made ? `${brand} ` : ''}${name}, ${attributes[kind.inTitle]}`,
    description: random.pick(kind.sentences),
    brand,
    category: `${kind.department}/${kind.path}`,
    attributes,
    price: { amount: rupees * 100, currency: 'INR' },
    weightGrams: grams,
    cashOnDelivery: rupees <= CASH_LIMIT_RUPEES && grams <= CASH_LIMIT_GRAMS && random.chance(0.93),
    imageUrl: null,
  };
}

/**
 * 0 to 1, small to large. The values of the attribute in the title stand in order of size, so a
 * kilogram of tea costs and weighs more than its hundred grams.
 */
function sizeWithinKind(kind: Kind, value: string | undefined, random: Random): number {
  const values = kind.attributes[kind.inTitle] ?? [];
  const step = Math.max(0, values.indexOf(value ?? ''));
  return Math.min(1, (step + random.next()) / Math.max(1, values.length));
}

/** Even steps of size are equal factors of price and weight. */
function scale([low, high]: readonly [number, number], size: number): number {
  return low * (high / low) ** size;
}

/** Prices end as prices do: 149, 1,299, 24,990. */
function tidyPrice(rupees: number): number {
  if (rupees < 100) return Math.round(rupees);
  if (rupees < 10_000) return Math.round(rupees / 10) * 10 - 1;
  return Math.round(rupees / 100) * 100 - 10;
}

/** Names keep their capitals (`LED bulb`, `Assam tea`): only plain first words are lowered. */
function lowerFirst(noun: string): string {
  return /^[A-Z][a-z]/.test(noun) && !/^\S+ [A-Z]/.test(noun) && !properNouns.test(noun)
    ? noun.charAt(0).toLowerCase() + noun.slice(1)
    : noun;
}

const properNouns = /^(Assam|Darjeeling|Earl|Anarkali|Chanderi|Kolhapuri|Bluetooth|Mandarin)/;
