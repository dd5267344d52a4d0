/**
 * Words as the index knows them: lower case, without accents, in the singular. The same function
 * reads items and queries, so "Shirts" finds "shirt" and the other way round.
 *
 * The singular and no more: a full stemmer also merges "university" and "universe", and a spelling
 * that is corrected to a stem ("batteri") cannot be shown to anybody.
 */

/** Longer ones are codes or noise; cut alike in items and queries they still match. */
const maxWordLength = 40;

const wordPattern = /[\p{L}\p{M}\p{N}]+/gu;
/** Accents of Latin, Greek and Cyrillic; the vowel signs of Indian scripts are elsewhere, and stay. */
const accents = /[\u0300-\u036f]/g;

const irregular: ReadonlyMap<string, string> = new Map([
  ['men', 'man'],
  ['women', 'woman'],
  ['children', 'child'],
  ['feet', 'foot'],
  ['teeth', 'tooth'],
  ['mice', 'mouse'],
  ['knives', 'knife'],
  ['leaves', 'leaf'],
  ['loaves', 'loaf'],
  ['shelves', 'shelf'],
  ['scarves', 'scarf'],
  ['halves', 'half'],
  ['shoes', 'shoe'],
  ['toes', 'toe'],
  ['buses', 'bus'],
  ['lens', 'lens'],
  ['lenses', 'lens'],
  ['movies', 'movie'],
  ['cookies', 'cookie'],
  ['ties', 'tie'],
  ['pies', 'pie'],
]);

/** Little words that people type and titles leave out. */
const fillers = new Set(['a', 'an', 'and', 'for', 'in', 'of', 'on', 'or', 'the', 'to', 'with']);

export function isFiller(word: string): boolean {
  return fillers.has(word);
}

/** In order, with repeats. */
export function wordsOf(text: string): string[] {
  return surfaceWordsOf(text).map(singular);
}

export interface QueryWord {
  /** As it was typed, in lower case. */
  readonly typed: string;
  /** As the index knows it. */
  readonly word: string;
}

/** At most `limit` words of a query: without little words, unless there are no others. */
export function queryWordsOf(text: string, limit: number): QueryWord[] {
  const words = surfaceWordsOf(text).slice(0, limit);
  const meaningful = words.filter((word) => !isFiller(word));
  return (meaningful.length > 0 ? meaningful : words).map((typed) => ({
    typed,
    word: singular(typed),
  }));
}

function surfaceWordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(accents, '').normalize('NFC').toLowerCase();
  return Array.from(plain.match(wordPattern) ?? [], (word) => word.slice(0, maxWordLength));
}

function singular(word: string): string {
  const known = irregular.get(word);
  if (known !== undefined) return known;
  if (word.length < 4 || !word.endsWith('s') || /\d/.test(word)) return word;
  if (/(ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(sh|ch|x|ss|to)es$/.test(word)) return word.slice(0, -2); // dishes, boxes, tomatoes
  return word.slice(0, -1);
}
