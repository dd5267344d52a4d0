/** What is wrong with an offer: every fault at once, so that a supplier corrects a line once. */
import type { ItemOffer } from '#schemas/items';

export interface Fault {
  readonly field: string;
  /** Names the field, what it is and what would be right. */
  readonly reason: string;
}

const maxAmount = 10_000_000_000;
const maxWeightGrams = 100_000;
const maxAttributes = 50;
const maxCategoryLevels = 6;
const maxUrlLength = 2_048;

/** Letters, digits, `.`, `_` and `-`: it stands in URLs, file names and keys as it is. */
const skuPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Empty when the offer is good. `currency` is the shop's. */
export function faultsOf(offer: ItemOffer, currency: string): Fault[] {
  const faults: Fault[] = [];
  const fault = (field: string, what: string, remedy: string) =>
    faults.push({ field, reason: `${field} ${what}: ${remedy}` });
  const words = (field: string, text: string, max: number) => {
    const remedy = `give 1 to ${max} characters`;
    if (text.trim() === '') fault(field, 'is empty', remedy);
    else if (text.length > max) fault(field, `has ${text.length} characters`, remedy);
  };

  if (!skuPattern.test(offer.sku)) {
    fault('sku', `is ${shown(offer.sku)}`, "give 1 to 64 letters, digits, '.', '_' or '-'");
  }
  words('title', offer.title, 200);
  words('brand', offer.brand, 100);
  if (offer.description.length > 10_000) {
    fault('description', `has ${offer.description.length} characters`, 'give at most 10000');
  }
  if (!isCategoryPath(offer.category)) {
    const remedy = `give 1 to ${maxCategoryLevels} names joined by '/', such as Grocery/Tea`;
    fault('category', `is ${shown(offer.category)}`, remedy);
  }
  const { amount, currency: given } = offer.price;
  if (amount < 1 || amount > maxAmount) {
    fault('price.amount', `is ${amount}`, `give 1 to ${maxAmount} minor units`);
  }
  if (given !== currency) {
    fault('price.currency', `is ${shown(given)}`, `give ${currency}, the currency of the shop`);
  }
  if (offer.weightGrams < 1 || offer.weightGrams > maxWeightGrams) {
    fault('weightGrams', `is ${offer.weightGrams}`, `give 1 to ${maxWeightGrams} grams`);
  }
  if (offer.imageUrl !== null && !isWebAddress(offer.imageUrl)) {
    const remedy = `give an address that begins with https:// or http://, or none`;
    fault('imageUrl', `is ${shown(offer.imageUrl)}`, remedy);
  }
  return [...faults, ...attributeFaults(offer.attributes)];
}

function attributeFaults(attributes: ItemOffer['attributes']): Fault[] {
  const entries = Object.entries(attributes);
  const faults: Fault[] = [];
  if (entries.length > maxAttributes) {
    const reason = `attributes are ${entries.length}: give at most ${maxAttributes}`;
    faults.push({ field: 'attributes', reason });
  }
  for (const [name, value] of entries.slice(0, maxAttributes)) {
    const field = `attributes.${shown(name)}`;
    if (name.trim() === '' || name.length > 60) {
      faults.push({ field, reason: `${field} has a bad name: give 1 to 60 characters` });
    }
    if (value.length > 500) {
      const reason = `${field} has ${value.length} characters: give at most 500`;
      faults.push({ field, reason });
    }
  }
  return faults;
}

function isCategoryPath(category: string): boolean {
  const levels = category.split('/');
  return (
    levels.length <= maxCategoryLevels &&
    levels.every((level) => level !== '' && level.length <= 60 && level.trim() === level)
  );
}

function isWebAddress(address: string): boolean {
  if (address.length > maxUrlLength || !URL.canParse(address)) return false;
  const { protocol } = new URL(address);
  return protocol === 'https:' || protocol === 'http:';
}

/** The value as a reader can tell it apart, cut when it is long. */
function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
