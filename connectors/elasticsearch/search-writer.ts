/**
 * One of the two writers of search, exactly once in effect and without a transaction:
 *
 *   1. the change goes to the sources, with its offset as external version
 *   2. the other source of the same item is read, and the document put together of both, with the
 *      sum of their versions as its own
 *   3. the documents are made searchable, then the position is written
 *
 * Whoever writes a source reads the other one after it. So of two that race at least one has seen
 * both, and its document has the highest sum, which no other can replace. What is cut off before its
 * position is done again, and changes nothing that is newer. docs/decisions/0020 has the argument.
 */
import type { Client } from '@elastic/elasticsearch';
import type { ItemId } from '#schemas/items';
import type { AppliedSignal } from '../applied-signal.ts';
import { gap, SinkError } from '../sink-error.ts';
import type { ChangeBatch, Position, ViewWriter } from '../views/view.ts';
import { makeSearchable, writeVersioned } from './bulk.ts';
import { aliasOf, type Generation } from './generations.ts';
import { listPositions, type PositionsAt, readPositions, writePositions } from './positions.ts';
import { documentOf, type Source, type SourceVersions } from './search-document.ts';
import {
  readDocuments,
  readOthers,
  readPairs,
  type SourceKind,
  type SourcePair,
  writeSources,
} from './sources.ts';
import { bare, sinkErrorOf } from './troubles.ts';

export interface SearchFeed<K, V> {
  /** Names the view in positions and errors. */
  readonly name: string;
  readonly kind: SourceKind;
  readonly idOf: (key: K) => ItemId;
  /** What is kept of a value. */
  readonly sourceOf: (value: V) => unknown;
}

export interface SearchStore {
  readonly client: Client;
  readonly namespace: string;
  /** A copy that is being built; absent: whichever generation is live. */
  readonly copy?: Generation | undefined;
  readonly signal: AppliedSignal;
}

/** A whole poll of a sink: most of what a batch costs is its six requests. A thousand items take 2 MB. */
const preferredChanges = 1_000;
/** Each round means that somebody else has written the same items meanwhile. */
const mostRounds = 20;

export function searchWriter<K, V>(store: SearchStore, feed: SearchFeed<K, V>): ViewWriter<K, V> {
  const { client, namespace, copy, signal } = store;
  return {
    name: feed.name,
    preferredChanges,
    positions: async () => {
      try {
        const index = copy?.positions ?? aliasOf(namespace, 'positions');
        return await listPositions(client, index, feed.name);
      } catch (error) {
        const { message } = bare(error);
        throw new SinkError(
          'SINK_UNAVAILABLE',
          `the positions of view '${feed.name}' cannot be read: ${message}`,
          bare(error),
        );
      }
    },
    apply: async (batches) => {
      if (batches.length === 0) return;
      let advanced: boolean;
      try {
        advanced = await applyAll(store, feed, batches);
      } catch (error) {
        throw sinkErrorOf(error, feed.name, batches);
      }
      if (advanced) signal.notify();
    },
  };
}

async function applyAll<K, V>(
  { client, namespace, copy }: SearchStore,
  feed: SearchFeed<K, V>,
  batches: readonly ChangeBatch<K, V>[],
): Promise<boolean> {
  const at = await readPositions(client, namespace, feed.name, batches, copy);
  const { changes, positions } = whatIsNew(feed, batches, at);
  if (positions.length === 0) return false;
  if (changes.size > 0) {
    await writeRows(client, at.generation, feed.kind, changes);
    // Nobody reads a copy before it is live; it is made searchable then.
    if (copy === undefined) await makeSearchable(client, at.generation);
  }
  await writePositions(client, at.generation, feed.name, positions);
  return true;
}

interface NewChanges {
  /** The latest of each item. */
  readonly changes: ReadonlyMap<ItemId, Source<unknown>>;
  /** One for each partition that moves on. */
  readonly positions: readonly Position[];
}

function whatIsNew<K, V>(
  feed: SearchFeed<K, V>,
  batches: readonly ChangeBatch<K, V>[],
  { nextOffsets }: PositionsAt,
): NewChanges {
  const changes = new Map<ItemId, Source<unknown>>();
  const moved = new Map<string, Position>();
  batches.forEach((batch, index) => {
    const { topic, partition, nextOffset } = batch;
    const name = `${topic}:${partition}`;
    const position = moved.get(name)?.nextOffset ?? nextOffsets[index] ?? -1n;
    const begun = position < 0n ? 0n : position;
    if (batch.fromOffset > begun) throw gap(feed.name, batch, begun);
    if (nextOffset <= position) return;
    for (const { key, value, offset } of batch.changes) {
      if (offset < position) continue;
      changes.set(feed.idOf(key), {
        version: Number(offset) + 1,
        value: value === null ? null : feed.sourceOf(value),
      });
    }
    moved.set(name, { topic, partition, nextOffset });
  });
  return { changes, positions: [...moved.values()] };
}

/** Resolves when every change, or a newer one of its item, is in the document of its item. */
async function writeRows(
  client: Client,
  generation: Generation,
  kind: SourceKind,
  changes: ReadonlyMap<ItemId, Source<unknown>>,
): Promise<void> {
  const known = await writeSources(client, generation, kind, changes);
  const written = new Map([...changes].filter(([id]) => !known.has(id)));
  const [fresh, reread] = await Promise.all([
    readOthers(client, generation, kind, written),
    readPairs(client, generation, [...known]),
  ]);
  let pairs = new Map([...fresh, ...reread]);
  for (let round = 0; pairs.size > 0; round += 1) {
    if (round === mostRounds) throw contended(pairs);
    const refused = await writeDocuments(client, generation, pairs);
    const behind = await lacking(client, generation, pairs, refused);
    pairs = await readPairs(client, generation, behind);
  }
}

function writeDocuments(
  client: Client,
  { documents }: Generation,
  pairs: ReadonlyMap<ItemId, SourcePair>,
): Promise<Set<string>> {
  return writeVersioned(
    client,
    documents,
    Array.from(pairs, ([id, { item, stock }]) => ({
      id,
      version: item.version + stock.version,
      document: documentOf(id, item, stock),
    })),
  );
}

/**
 * Of the documents that were refused, those that lack what we have seen: one of another pair of
 * sources can have the same sum, or a higher one. Whoever made it saw a source that we did not.
 */
async function lacking(
  client: Client,
  { documents }: Generation,
  pairs: ReadonlyMap<ItemId, SourcePair>,
  refused: ReadonlySet<string>,
): Promise<ItemId[]> {
  const ids = [...pairs.keys()].filter((id) => refused.has(id));
  const there = await readDocuments<SourceVersions>(client, documents, ids, [
    'itemVersion',
    'stockVersion',
  ]);
  return ids.filter((id, at) => {
    const { item, stock } = pairs.get(id) as SourcePair;
    const found = there[at]?.document;
    if (found === undefined) return true;
    return found.itemVersion < item.version || found.stockVersion < stock.version;
  });
}

function contended(pairs: ReadonlyMap<ItemId, SourcePair>): SinkError {
  return new SinkError(
    'SINK_UNAVAILABLE',
    `others write the same ${pairs.size} items of search all the while: tried ${mostRounds} times`,
  );
}
