/** How much a word counts, in every search engine alike: rare words, in fields that name the item. */

/** Title, brand, category, attributes, description: the fields of `textsOf`. */
export const fieldWeights = [10, 6, 4, 2, 1] as const;

/** A title of 20 words counts half of one without any: the short one is more about its words. */
const halvingTitleWords = 20;

/** What a score is multiplied by, above 0 to 1. */
export function titleFit(titleWords: number): number {
  return 1 / (1 + titleWords / halvingTitleWords);
}

/** Whole numbers from 1: they change only when a word becomes twice as rare. */
export function rarity(documentsWithTerm: number, documents: number): number {
  if (documentsWithTerm === 0) return 1;
  return 1 + Math.floor(Math.log2(Math.max(1, documents / documentsWithTerm)));
}
