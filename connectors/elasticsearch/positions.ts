/** How far each topic is in. A position only grows: whoever is behind changes nothing. */
import type { Client } from '@elastic/elasticsearch';
import type { ChangeBatch, Position } from '../views/view.ts';
import { writeVersioned } from './bulk.ts';
import { aliasOf, type Generation, generationOf } from './generations.ts';
import { RefusedDocument } from './troubles.ts';

type Partition = Pick<ChangeBatch<unknown, unknown>, 'topic' | 'partition'>;

interface PositionDocument {
  readonly view: string;
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: number;
}

export interface PositionsAt {
  /** What else is read and written with these positions belongs to the same generation. */
  readonly generation: Generation;
  /** In the order that was asked; -1 for a partition that was never read. */
  readonly nextOffsets: readonly bigint[];
}

/** Of the live generation, or of `fixed`. */
export async function readPositions(
  client: Client,
  namespace: string,
  view: string,
  partitions: readonly Partition[],
  fixed: Generation | undefined,
): Promise<PositionsAt> {
  const ids = partitions.map((partition) => positionId(view, partition));
  const { docs } = await client.mget<PositionDocument>({
    index: fixed?.positions ?? aliasOf(namespace, 'positions'),
    ids,
  });
  const [first] = docs;
  if (first === undefined || 'error' in first) throw missing(first?.error.type);
  return {
    // A missing document, too, says in which index it was looked for.
    generation: fixed ?? generationOf(namespace, 'positions', first._index),
    nextOffsets: docs.map((doc) =>
      'found' in doc && doc.found ? BigInt((doc._source as PositionDocument).nextOffset) : -1n,
    ),
  };
}

const notFound = 404;

function missing(type: string | undefined): RefusedDocument {
  return new RefusedDocument(notFound, { type, reason: 'the indices of search are not there' });
}

export async function writePositions(
  client: Client,
  generation: Generation,
  view: string,
  positions: readonly Position[],
): Promise<void> {
  const documents = positions.map(({ topic, partition, nextOffset }) => ({
    id: positionId(view, { topic, partition }),
    version: Number(nextOffset) + 1,
    document: { view, topic, partition, nextOffset: Number(nextOffset) },
  }));
  await writeVersioned(client, generation.positions, documents);
}

/** More partitions than any topic has. */
const mostPositions = 10_000;

/** Every position of the view. */
export async function listPositions(
  client: Client,
  index: string,
  view: string,
): Promise<Position[]> {
  await client.indices.refresh({ index });
  const { hits } = await client.search<PositionDocument>({
    index,
    size: mostPositions,
    query: { term: { view } },
    sort: [{ topic: 'asc' }, { partition: 'asc' }],
    allow_partial_search_results: false,
  });
  return hits.hits.map(({ _source }) => {
    const { topic, partition, nextOffset } = _source as PositionDocument;
    return { topic, partition, nextOffset: BigInt(nextOffset) };
  });
}

function positionId(view: string, { topic, partition }: Partition): string {
  return `${view}:${topic}:${partition}`;
}
