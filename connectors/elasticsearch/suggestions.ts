/** Words that complete the last one, such that all words together find something. */
import type { estypes } from '@elastic/elasticsearch';
import type { QueryWord } from '../search/words.ts';
import type { Ask } from './reading.ts';
import { namingWord } from './search-schema.ts';
import { anyFieldHas, listedOnly, type Query, understand, wordsAsked } from './understanding.ts';

/** The completed texts, those of the most items first. */
export async function suggest(
  ask: Ask,
  index: string,
  prefix: string,
  limit: number,
): Promise<readonly string[]> {
  const words = wordsAsked(prefix);
  const last = words.at(-1);
  if (last === undefined) return [];
  const before = words.slice(0, -1);
  const terms = await understand(ask, index, before, { mayEnd: false });
  const filters = terms.map(anyFieldHas);
  const completed = await completions(ask, index, last, filters, limit);
  return completed.map((word) => [...before.map(({ typed }) => typed), word].join(' '));
}

/** Words are kept in the singular, so one that was typed in the plural is complete. */
async function completions(
  ask: Ask,
  index: string,
  { typed, word }: QueryWord,
  filters: readonly Query[],
  limit: number,
): Promise<string[]> {
  const found = await beginningWith(ask, index, typed, filters, limit);
  if (found.length > 0 || typed === word) return found;
  return beginningWith(ask, index, word, filters, limit);
}

async function beginningWith(
  ask: Ask,
  index: string,
  beginning: string,
  filters: readonly Query[],
  limit: number,
): Promise<string[]> {
  const answer = await ask((client, options) =>
    client.search<unknown, { words: estypes.AggregationsStringTermsAggregate }>(
      {
        index,
        size: 0,
        track_total_hits: false,
        allow_partial_search_results: false,
        query: {
          bool: { filter: [listedOnly, ...filters, { prefix: { [namingWord]: beginning } }] },
        },
        aggs: {
          words: {
            terms: {
              field: namingWord,
              // Words are letters and digits: none of them means anything in an expression.
              include: `${beginning}.*`,
              size: limit,
              order: [{ _count: 'desc' }, { _key: 'asc' }],
            },
          },
        },
        filter_path: ['aggregations.words.buckets'],
      },
      options,
    ),
  );
  const buckets = answer.aggregations?.words.buckets ?? [];
  return (buckets as estypes.AggregationsStringTermsBucketKeys[]).map(({ key }) => String(key));
}
