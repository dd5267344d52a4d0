/** The latest change of each key of each topic: what documents are put together from. */
import type { Client } from '@elastic/elasticsearch';
import type { ItemId } from '#schemas/items';
import { type VersionedDocument, writeVersioned } from './bulk.ts';
import type { Generation } from './generations.ts';
import type { ItemSource, SearchedItem, Source, StockSource } from './search-document.ts';
import { type ErrorCause, RefusedDocument } from './troubles.ts';

export type SourceKind = 'item' | 'stock';

/** What is known of one item id. */
export interface SourcePair {
  readonly item: ItemSource;
  readonly stock: StockSource;
}

const none = { version: 0, value: null };

/** Changes by item id. Answers those whose key has had this change or a newer one already. */
export async function writeSources(
  client: Client,
  { sources }: Generation,
  kind: SourceKind,
  changes: ReadonlyMap<ItemId, Source<unknown>>,
): Promise<Set<ItemId>> {
  const documents = Array.from(
    changes,
    ([id, { version, value }]): VersionedDocument => ({
      id: sourceId(kind, id),
      version,
      document: { value },
    }),
  );
  const known = await writeVersioned(client, sources, documents);
  return new Set([...changes.keys()].filter((id) => known.has(sourceId(kind, id))));
}

/** The newest of both kinds, whether or not they can be searched yet. */
export function readPairs(
  client: Client,
  generation: Generation,
  ids: readonly ItemId[],
): Promise<Map<ItemId, SourcePair>> {
  return readKinds(client, generation, ['item', 'stock'], ids);
}

/** Of the other kind than `own`; of `own` it is what the caller has just written. */
export async function readOthers(
  client: Client,
  generation: Generation,
  own: SourceKind,
  written: ReadonlyMap<ItemId, Source<unknown>>,
): Promise<Map<ItemId, SourcePair>> {
  const other = own === 'item' ? 'stock' : 'item';
  const pairs = await readKinds(client, generation, [other], [...written.keys()]);
  return new Map(
    Array.from(pairs, ([id, pair]) => [id, { ...pair, [own]: written.get(id) } as SourcePair]),
  );
}

async function readKinds(
  client: Client,
  { sources }: Generation,
  kinds: readonly SourceKind[],
  ids: readonly ItemId[],
): Promise<Map<ItemId, SourcePair>> {
  const asked = kinds.flatMap((kind) => ids.map((id) => ({ kind, id })));
  const found = await readDocuments<{ readonly value: unknown }>(
    client,
    sources,
    asked.map(({ kind, id }) => sourceId(kind, id)),
  );
  const pairs = new Map(ids.map((id) => [id, { item: none, stock: none } as SourcePair]));
  asked.forEach(({ kind, id }, at) => {
    const answer = found[at];
    if (answer === undefined) return;
    const source = { version: answer.version, value: answer.document.value };
    pairs.set(id, { ...(pairs.get(id) as SourcePair), [kind]: source as Source<SearchedItem> });
  });
  return pairs;
}

interface FoundDocument<T> {
  readonly version: number;
  readonly document: T;
  readonly index: string;
}

/** In the order of `ids`; `undefined` for those that are not there. Also what was just written. */
export async function readDocuments<T>(
  client: Client,
  index: string,
  ids: readonly string[],
  fields?: readonly string[],
): Promise<(FoundDocument<T> | undefined)[]> {
  if (ids.length === 0) return [];
  const { docs } = await client.mget<T>({
    index,
    ids: [...ids],
    ...(fields && { _source: [...fields] }),
  });
  return docs.map((doc) => {
    if ('error' in doc) throw refusal(doc.error);
    if (!('found' in doc) || !doc.found) return undefined;
    const { _index, _version, _source } = doc;
    return { index: _index, version: _version as number, document: _source as T };
  });
}

const notFound = 404;
const internal = 500;

function refusal(cause: ErrorCause): RefusedDocument {
  const isMissing = cause.type === 'index_not_found_exception';
  return new RefusedDocument(isMissing ? notFound : internal, cause);
}

function sourceId(kind: SourceKind, id: ItemId): string {
  return `${kind}:${id}`;
}
