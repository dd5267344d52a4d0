/** What a text asks for: words that the index knows, misspelt ones corrected, and how much each counts. */
import type { estypes } from '@elastic/elasticsearch';
import { rarity } from '../search/ranking.ts';
import { editDistance, toleranceOf } from '../search/spelling.ts';
import { type QueryWord, queryWordsOf } from '../search/words.ts';
import type { Ask } from './reading.ts';
import { anyWord, namingWord } from './search-schema.ts';

/** More say nothing that the first do not. */
const maxQueryWords = 24;
/** The nearest ones that Elasticsearch finds; which of them is meant is decided here. */
const triedCorrections = 20;
const shortestCorrection = 3;

/** A word, or the beginning of one. */
export interface Term {
  readonly word: string;
  readonly isPrefix: boolean;
}

export interface WeightedTerm extends Term {
  readonly weight: number;
}

/** What a request may ask. */
export type Query = Exclude<estypes.SearchRequest['query'], undefined>;

export const listedOnly: Query = { term: { listed: true } };

export function wordsAsked(text: string): QueryWord[] {
  return queryWordsOf(text, maxQueryWords);
}

/** The text as it was understood; `null` when no word was corrected. */
export function correctedTextOf(
  words: readonly QueryWord[],
  terms: readonly Term[],
): string | null {
  const isMeant = (at: number) => terms[at]?.word === words[at]?.word;
  if (words.every((_, at) => isMeant(at))) return null;
  return words.map(({ typed }, at) => (isMeant(at) ? typed : terms[at]?.word)).join(' ');
}

/**
 * A term for each word, in order. With `mayEnd` the last one counts as a beginning, unless it is a
 * word of its own.
 */
export async function understand(
  ask: Ask,
  index: string,
  words: readonly QueryWord[],
  { mayEnd }: { readonly mayEnd: boolean },
): Promise<WeightedTerm[]> {
  if (words.length === 0) return [];
  const asked: Term[] = words.map(({ word }) => ({ word, isPrefix: false }));
  const last = words.at(-1) as QueryWord;
  if (mayEnd) asked.push({ word: last.word, isPrefix: true });
  const { total, counts } = await countsOf(ask, index, asked.map(anyFieldHas));
  const asBeginning = mayEnd ? counts[words.length] : 0;

  const unknown = new Set(
    words.filter((word, at) => counts[at] === 0 && (word !== last || !asBeginning)),
  );
  const meant = await corrections(
    ask,
    index,
    [...unknown].map(({ word }) => word),
  );
  return words.map(({ word }, at) => {
    const count = counts[at] as number;
    if (count > 0) return { word, isPrefix: false, weight: rarity(count, total) };
    if (at === words.length - 1 && asBeginning) {
      return { word, isPrefix: true, weight: rarity(asBeginning, total) };
    }
    const corrected = meant.get(word) ?? { word, count: 0 };
    return { word: corrected.word, isPrefix: false, weight: rarity(corrected.count, total) };
  });
}

export function anyFieldHas(term: Term): Query {
  return has(anyWord, term);
}

export function has(field: string, { word, isPrefix }: Term): Query {
  return isPrefix ? { prefix: { [field]: word } } : { term: { [field]: word } };
}

interface Correction {
  readonly word: string;
  /** Items that have it. */
  readonly count: number;
}

/** The nearest word within the tolerance for each that has one, the most frequent of several. */
async function corrections(
  ask: Ask,
  index: string,
  words: readonly string[],
): Promise<Map<string, Correction>> {
  const found = new Map<string, Correction>();
  const near = await nearWords(
    ask,
    index,
    words.filter((word) => toleranceOf(word) > 0),
  );
  const candidates = [...new Set([...near.values()].flat())];
  if (candidates.length === 0) return found;
  // The words of deleted items are suggested, too, until their segments are merged.
  const { counts } = await countsOf(
    ask,
    index,
    candidates.map((word) => ({ term: { [namingWord]: word } })),
  );
  const countOf = new Map(candidates.map((word, at) => [word, counts[at] as number]));
  for (const [word, options] of near) {
    const [best] = options
      .map((option) => ({
        word: option,
        count: countOf.get(option) as number,
        distance: editDistance(word, option),
      }))
      .filter(({ count, distance }) => count > 0 && distance <= toleranceOf(word))
      .sort((a, b) => a.distance - b.distance || b.count - a.count || (a.word < b.word ? -1 : 1));
    if (best !== undefined) found.set(word, best);
  }
  return found;
}

/** Two mistakes are found only behind a right first letter: so the suggester limits its work. */
async function nearWords(
  ask: Ask,
  index: string,
  words: readonly string[],
): Promise<Map<string, readonly string[]>> {
  if (words.length === 0) return new Map();
  const suggest: Record<string, estypes.SearchFieldSuggester> = {};
  words.forEach((text, at) => {
    suggest[`word-${at}`] = {
      text,
      term: {
        field: namingWord,
        suggest_mode: 'always',
        max_edits: toleranceOf(text),
        prefix_length: 0,
        min_word_length: shortestCorrection,
        size: triedCorrections,
        shard_size: triedCorrections,
      },
    };
  });
  const answer = await ask((client, options) =>
    client.search(
      { index, size: 0, suggest: { ...suggest }, filter_path: ['suggest.*.options.text'] },
      options,
    ),
  );
  return new Map(
    words.map((word, at) => {
      const [entry] = answer.suggest?.[`word-${at}`] ?? [];
      const options = [entry?.options ?? []].flat().map(({ text }) => text as string);
      return [word, options.filter(isCorrection)];
    }),
  );
}

/** A wrong digit is another product. */
function isCorrection(word: string): boolean {
  return word.length >= shortestCorrection && !/\d/.test(word);
}

/** How many listed items there are, and how many of them pass each filter. Exact. */
async function countsOf(
  ask: Ask,
  index: string,
  filters: readonly Query[],
): Promise<{ readonly total: number; readonly counts: readonly number[] }> {
  const answer = await ask((client, options) =>
    client.search<unknown, { counts: estypes.AggregationsFiltersAggregate }>(
      {
        index,
        size: 0,
        track_total_hits: true,
        allow_partial_search_results: false,
        query: { bool: { filter: [listedOnly] } },
        aggs: { counts: { filters: { filters: [...filters] } } },
        filter_path: ['hits.total.value', 'aggregations.counts.buckets.doc_count'],
      },
      options,
    ),
  );
  const buckets = answer.aggregations?.counts.buckets as readonly { doc_count: number }[];
  return {
    total: (answer.hits.total as estypes.SearchTotalHits).value,
    counts: buckets.map(({ doc_count }) => doc_count),
  };
}
