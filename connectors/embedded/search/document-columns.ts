/**
 * What filters, facets and sorting need of each document, in arrays by document number: counting
 * 100,000 matches takes a millisecond or two and allocates nothing for each.
 */
import type { ReachableWarehouses, SearchQuery } from '../../views/search-view.ts';

export interface ColumnValues {
  readonly itemId: string;
  readonly brand: string;
  readonly category: string;
  readonly price: number;
  readonly weightGrams: number;
  readonly listedAt: number;
  readonly titleWords: number;
  readonly warehouseIds: readonly string[];
}

/** Names that occur in many documents, as small numbers. */
export class Dictionary {
  readonly names: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.names.length);
    return this.names.push(name) - 1;
  }

  get(name: string): number | undefined {
    return this.#numbers.get(name);
  }
}

const bitsPerWord = 32;
const initialCapacity = 1_024;

export class DocumentColumns {
  readonly brands = new Dictionary();
  readonly categories = new Dictionary();
  readonly #warehouses = new Dictionary();
  readonly itemIds: (string | undefined)[] = [];
  price = new Float64Array(initialCapacity);
  listedAt = new Float64Array(initialCapacity);
  brand = new Uint32Array(initialCapacity);
  category = new Uint32Array(initialCapacity);
  titleWords = new Uint8Array(initialCapacity);
  #weightGrams = new Uint32Array(initialCapacity);
  /** One array for each 32 warehouses. */
  #stocked: Uint32Array[] = [];
  #count = 0;

  /** How many documents there are. */
  get count(): number {
    return this.#count;
  }

  put(document: number, values: ColumnValues): void {
    this.#reserve(document);
    if (this.itemIds[document] === undefined) this.#count += 1;
    this.itemIds[document] = values.itemId;
    this.price[document] = values.price;
    this.listedAt[document] = values.listedAt;
    this.brand[document] = this.brands.numberOf(values.brand);
    this.category[document] = this.categories.numberOf(values.category);
    this.titleWords[document] = Math.min(values.titleWords, 255);
    this.#weightGrams[document] = values.weightGrams;
    for (const words of this.#stocked) words[document] = 0;
    for (const id of values.warehouseIds) {
      const bit = this.#warehouses.numberOf(id);
      const words = this.#stockedWords(Math.floor(bit / bitsPerWord));
      words[document] = (words[document] as number) | (1 << (bit % bitsPerWord));
    }
  }

  delete(document: number): void {
    if (this.itemIds[document] === undefined) return;
    this.itemIds[document] = undefined;
    this.#count -= 1;
  }

  /** All documents, ascending. */
  all(): Uint32Array {
    const documents = new Uint32Array(this.#count);
    let count = 0;
    for (let document = 0; document < this.itemIds.length; document++) {
      if (this.itemIds[document] !== undefined) documents[count++] = document;
    }
    return documents;
  }

  /** Whether a document passes the filters of a query. */
  filterOf(query: SearchQuery): (document: number) => boolean {
    const { minPrice = Number.NEGATIVE_INFINITY, maxPrice = Number.POSITIVE_INFINITY } = query;
    const inCategory = flags(this.categories, query.category, isWithin);
    const ofBrand = flags(this.brands, query.brand, isSameName);
    const isDeliverable = this.#deliverable(query.deliverableFrom);
    return (document) => {
      const price = this.price[document] as number;
      if (price < minPrice || price > maxPrice) return false;
      if (inCategory !== undefined && inCategory[this.category[document] as number] === 0) {
        return false;
      }
      if (ofBrand !== undefined && ofBrand[this.brand[document] as number] === 0) return false;
      return isDeliverable(document);
    };
  }

  #deliverable(groups: readonly ReachableWarehouses[] | undefined): (document: number) => boolean {
    if (groups === undefined) return () => true;
    const masks = groups.flatMap((group) => this.#masksOf(group));
    return (document) => {
      const weight = this.#weightGrams[document] as number;
      for (const { words, mask, maxWeightGrams } of masks) {
        if (weight <= maxWeightGrams && ((words[document] as number) & mask) !== 0) return true;
      }
      return false;
    };
  }

  /** One mask for each array of warehouses that the group is in. */
  #masksOf({ warehouseIds, maxWeightGrams }: ReachableWarehouses) {
    const masks = new Map<number, number>();
    for (const id of warehouseIds) {
      const bit = this.#warehouses.get(id);
      if (bit === undefined) continue; // No document is stocked there.
      const index = Math.floor(bit / bitsPerWord);
      masks.set(index, (masks.get(index) ?? 0) | (1 << (bit % bitsPerWord)));
    }
    return Array.from(masks, ([index, mask]) => ({
      words: this.#stockedWords(index),
      mask,
      maxWeightGrams,
    }));
  }

  #stockedWords(index: number): Uint32Array {
    while (this.#stocked.length <= index) this.#stocked.push(new Uint32Array(this.price.length));
    return this.#stocked[index] as Uint32Array;
  }

  #reserve(document: number): void {
    if (document < this.price.length) return;
    const capacity = Math.max(document + 1, this.price.length * 2);
    this.price = enlarged(this.price, new Float64Array(capacity));
    this.listedAt = enlarged(this.listedAt, new Float64Array(capacity));
    this.brand = enlarged(this.brand, new Uint32Array(capacity));
    this.category = enlarged(this.category, new Uint32Array(capacity));
    this.titleWords = enlarged(this.titleWords, new Uint8Array(capacity));
    this.#weightGrams = enlarged(this.#weightGrams, new Uint32Array(capacity));
    this.#stocked = this.#stocked.map((words) => enlarged(words, new Uint32Array(capacity)));
  }
}

/** For each name of the dictionary whether it is asked for; `undefined` when nothing is. */
function flags(
  dictionary: Dictionary,
  asked: string | undefined,
  fits: (name: string, asked: string) => boolean,
): Uint8Array | undefined {
  if (asked === undefined) return undefined;
  return Uint8Array.from(dictionary.names, (name) => (fits(name, asked) ? 1 : 0));
}

function isWithin(category: string, asked: string): boolean {
  return category === asked || category.startsWith(asked.endsWith('/') ? asked : `${asked}/`);
}

function isSameName(name: string, asked: string): boolean {
  return name === asked || name.toLowerCase() === asked.toLowerCase();
}

function enlarged<T extends Float64Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
