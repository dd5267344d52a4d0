/** Items and offers in JSON. */
import { available, type StockLevel } from '#schemas/inventory';
import type { Item, ItemId, ItemOffer, Sku, SupplierId } from '#schemas/items';
import {
  boolean,
  type Described,
  integer,
  list,
  longText,
  mapOf,
  matching,
  nullable,
  object,
  reply,
  text,
} from '../json-schema.ts';
import { money, moneyInput, rfc3339, time } from '../wire.ts';
import type { KnownStock } from './item-lookup.ts';

export const skuInput = matching<Sku>(
  '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
  'a SKU: 1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit',
  64,
);

const offerFields = {
  title: text(300, 1),
  description: longText(10_000),
  brand: text(100),
  category: text(200, 1),
  attributes: mapOf(text(500), { maxProperties: 100 }),
  price: moneyInput,
  weightGrams: integer(1, 1_000_000),
} as const;

const imageUrl = nullable(
  matching('^(?:https?://|/)[^\\s\\p{Cc}\\p{Cs}]*$', 'an http(s) address or a path', 2_000),
);

/** Shape only: what the shop accepts is for the rules of items to decide. */
export const offerInput = object(
  {
    sku: skuInput,
    title: offerFields.title,
    price: moneyInput,
    weightGrams: offerFields.weightGrams,
  },
  {
    description: offerFields.description,
    brand: offerFields.brand,
    category: offerFields.category,
    attributes: offerFields.attributes,
    cashOnDelivery: boolean,
    imageUrl,
  },
);

export const patchInput = object({}, { ...offerFields, cashOnDelivery: boolean, imageUrl });

export function offerOf(input: Described<typeof offerInput>): ItemOffer {
  const { sku, title, price, weightGrams } = input;
  return {
    sku,
    title,
    description: input.description ?? '',
    brand: input.brand ?? '',
    category: input.category ?? '',
    attributes: input.attributes ?? {},
    price,
    weightGrams,
    cashOnDelivery: input.cashOnDelivery ?? true,
    imageUrl: input.imageUrl ?? null,
  };
}

/** More than this is "enough": how much a shop holds is nobody's business. */
const shownUnits = 10;

export const availability = object({ inStock: boolean, units: integer(0, shownUnits) });

/** `undefined`, and so left out, when nobody can say at the moment. */
export function availabilityOf(level: KnownStock): Described<typeof availability> | undefined {
  if (level === 'unknown') return undefined;
  const units = Math.min(shownUnits, unitsOf(level));
  return { inStock: units > 0, units };
}

/** Units that can still be promised, in all warehouses. */
export function unitsOf(level: StockLevel | undefined): number {
  const all = Object.values(level?.warehouses ?? {});
  return all.reduce((sum, stock) => sum + Math.max(0, available(stock)), 0);
}

export const itemFields = {
  id: reply<ItemId>(),
  sku: reply<Sku>(),
  title: reply(),
  description: reply(),
  brand: reply(),
  category: reply(),
  attributes: mapOf(reply()),
  price: money,
  weightGrams: integer(),
  cashOnDelivery: boolean,
  imageUrl: nullable(reply()),
  supplierId: reply<SupplierId>(),
  version: integer(),
  listedAt: time,
  updatedAt: time,
} as const;

export const itemReply = object(itemFields, { availability });
export const itemsReply = object({ items: list(itemReply) });

export function itemJson(item: Item, level: KnownStock): Described<typeof itemReply> {
  return {
    ...item,
    listedAt: rfc3339(item.listedAt),
    updatedAt: rfc3339(item.updatedAt),
    availability: availabilityOf(level),
  };
}
