/**
 * The indices of search. Words come ready from `words.ts`, as in the embedded profile, so that an
 * item is found by the same words in both: analyzers only separate them at spaces.
 */
import type { estypes } from '@elastic/elasticsearch';
import type { ElasticsearchOptions } from './client.ts';

/** Raised when the same indices mean something else than before: the view is made anew then. */
export const schemaVersion = 1;

/**
 * What one generation of the view is made of:
 *
 *   sources    the latest change of each key of each topic, also of deleted keys; never searched
 *   documents  what is searched: one an item id, put together from its two sources
 *   positions  how far each topic is in
 */
export const parts = ['sources', 'documents', 'positions'] as const;
export type Part = (typeof parts)[number];

/** The fields of words, in the order of `textsOf`. */
export const wordFields = [
  'titleWords',
  'brandWords',
  'categoryWords',
  'attributeWords',
  'descriptionWords',
] as const;

/** All words of an item in one field. */
export const anyWord = 'anyWord';
/** The words that a misspelt one is corrected to and the beginning of one is completed to. */
export const namingWord = 'namingWord';

/** Only present or absent counts: scores come from `ranking.ts`, so that they outlast writes. */
const words: estypes.MappingTextProperty = {
  type: 'text',
  analyzer: 'words',
  norms: false,
  index_options: 'docs',
};
/** With an edge n-gram for each beginning up to so many letters; a longer one is looked up itself. */
const wordsByBeginning: estypes.MappingTextProperty = {
  ...words,
  index_prefixes: { min_chars: 1, max_chars: 12 },
};
const shownText: estypes.MappingKeywordProperty = {
  type: 'keyword',
  index: false,
  doc_values: false,
};
/** In bytes a term may have 32,766: longer ones would refuse the item. */
const longestTerm = 8_000;

const documentProperties: Record<string, estypes.MappingProperty> = {
  itemId: { type: 'keyword' },
  /** Whether there is such an item; a document of stock alone, or of a deleted item, is not found. */
  listed: { type: 'boolean' },
  stocked: { type: 'boolean' },
  itemVersion: { type: 'long', index: false, doc_values: false },
  stockVersion: { type: 'long', index: false, doc_values: false },
  sku: shownText,
  title: shownText,
  brand: {
    type: 'keyword',
    ignore_above: longestTerm,
    fields: {
      inLowerCase: { type: 'keyword', normalizer: 'lowerCase', ignore_above: longestTerm },
    },
  },
  category: {
    type: 'keyword',
    ignore_above: longestTerm,
    fields: { within: { ...words, analyzer: 'paths', search_analyzer: 'keyword' } },
  },
  /** Minor units. */
  price: { type: 'long' },
  currency: shownText,
  imageUrl: shownText,
  weightGrams: { type: 'integer' },
  cashOnDelivery: { type: 'boolean', index: false, doc_values: false },
  listedAt: { type: 'long' },
  titleFit: { type: 'double', index: false },
  warehouseIds: { type: 'keyword', ignore_above: longestTerm },
  titleWords: { ...wordsByBeginning, copy_to: anyWord },
  brandWords: { ...wordsByBeginning, copy_to: anyWord },
  categoryWords: { ...wordsByBeginning, copy_to: anyWord },
  attributeWords: { ...wordsByBeginning, copy_to: anyWord },
  descriptionWords: { ...words, copy_to: anyWord },
  anyWord: wordsByBeginning,
  namingWord: { type: 'keyword' },
};

const mappings: Readonly<Record<Part, estypes.MappingTypeMapping>> = {
  // Read by id alone.
  sources: { enabled: false },
  documents: { dynamic: 'strict', properties: documentProperties },
  positions: {
    dynamic: 'strict',
    properties: {
      view: { type: 'keyword' },
      topic: { type: 'keyword' },
      partition: { type: 'integer' },
      nextOffset: { type: 'long' },
    },
  },
};

const analysis: estypes.IndicesIndexSettingsAnalysis = {
  analyzer: {
    words: { type: 'custom', tokenizer: 'whitespace' },
    paths: { type: 'custom', tokenizer: 'path_hierarchy', filter: ['longestTerm'] },
  },
  filter: { longestTerm: { type: 'truncate', length: longestTerm } },
  normalizer: { lowerCase: { type: 'custom', filter: ['lowercase'] } },
};

export function indexOf(
  part: Part,
  { shards = 1, replicas }: Pick<ElasticsearchOptions, 'shards' | 'replicas'>,
): Pick<estypes.IndicesCreateRequest, 'settings' | 'mappings'> {
  return {
    settings: {
      number_of_shards: part === 'positions' ? 1 : shards,
      ...(replicas === undefined
        ? { auto_expand_replicas: '0-1' }
        : { number_of_replicas: replicas }),
      // Who writes refreshes, once a batch: nobody else changes what is to be seen.
      refresh_interval: '-1',
      // On the disk before it is acknowledged: positions follow rows that must not be lost.
      translog: { durability: 'request' },
      ...(part === 'documents' && { analysis }),
    },
    mappings: { ...mappings[part], _meta: { millraceSchema: schemaVersion } },
  };
}
