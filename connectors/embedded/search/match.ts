/** Which documents have all of the terms, and how well they fit. */
import { fieldWeights } from '../../search/ranking.ts';
import type { Posting } from './postings.ts';

export interface Matches {
  /** Ascending. */
  readonly documents: Uint32Array;
  readonly scores: Float64Array;
}

export interface WeightedPosting extends Posting {
  /** How much the term counts: rare words say more. */
  readonly weight: number;
}

/** For `Posting.fields`, the sum of the weights of each combination, so that scoring looks up one number. */
const weightOfFields = Float64Array.from({ length: 1 << fieldWeights.length }, (_, fields) =>
  fieldWeights.reduce((sum, weight, bit) => sum + ((fields >> bit) & 1) * weight, 0),
);

/** Documents that are in every posting. */
export function matchAll(postings: readonly WeightedPosting[]): Matches {
  const [rarest, ...others] = [...postings].sort((a, b) => a.documents.length - b.documents.length);
  if (rarest === undefined) return { documents: new Uint32Array(0), scores: new Float64Array(0) };
  const start: Matches = {
    documents: rarest.documents,
    scores: Float64Array.from(rarest.fields, (fields) => scoreOf(rarest, fields)),
  };
  return others.reduce(intersect, start);
}

function intersect(matches: Matches, posting: WeightedPosting): Matches {
  const documents = new Uint32Array(matches.documents.length);
  const scores = new Float64Array(matches.documents.length);
  let count = 0;
  let at = 0;
  for (let index = 0; index < matches.documents.length; index++) {
    const document = matches.documents[index] as number;
    at = firstFrom(posting.documents, document, at);
    if (at === posting.documents.length) break;
    if (posting.documents[at] !== document) continue;
    documents[count] = document;
    scores[count] =
      (matches.scores[index] as number) + scoreOf(posting, posting.fields[at] as number);
    count += 1;
  }
  return { documents: documents.subarray(0, count), scores: scores.subarray(0, count) };
}

/** Index of the first number from `from` on that is not below `wanted`: in steps that double. */
function firstFrom(sorted: Uint32Array, wanted: number, from: number): number {
  let step = 1;
  let low = from;
  let high = from;
  while (high < sorted.length && (sorted[high] as number) < wanted) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  high = Math.min(high, sorted.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many documents two postings share. */
export function countShared(documents: Uint32Array, others: Uint32Array): number {
  const [few, many] = documents.length < others.length ? [documents, others] : [others, documents];
  let count = 0;
  let at = 0;
  for (const document of few) {
    at = firstFrom(many, document, at);
    if (at === many.length) break;
    if (many[at] === document) count += 1;
  }
  return count;
}

function scoreOf({ weight }: WeightedPosting, fields: number): number {
  return weight * (weightOfFields[fields] as number);
}
