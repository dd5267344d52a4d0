/** Writes documents that know their version: one that is older than what is there changes nothing. */
import type { Client } from '@elastic/elasticsearch';
import type { Generation } from './generations.ts';
import { RefusedDocument } from './troubles.ts';

export interface VersionedDocument {
  readonly id: string;
  /** From 1. */
  readonly version: number;
  readonly document: object;
}

const conflict = 409;
const shardTimeout = '5s';

const unavailable = 503;

/**
 * Resolves when every search finds what was written.
 *
 * @throws RefusedDocument, or what the client throws.
 */
export async function makeSearchable(client: Client, { documents }: Generation): Promise<void> {
  const { _shards } = await client.indices.refresh({ index: documents });
  if ((_shards?.failed ?? 0) === 0) return;
  throw new RefusedDocument(unavailable, {
    type: 'refresh_failed',
    reason: `${_shards?.failed} shards of ${documents} do not show yet what was written`,
  });
}

/**
 * Resolves when all of them are on the disk, with the ids of those that are not newer than what is
 * there. Not atomic: when it fails some may be in.
 *
 * @throws RefusedDocument, or what the client throws.
 */
export async function writeVersioned(
  client: Client,
  index: string,
  documents: readonly VersionedDocument[],
): Promise<Set<string>> {
  const refused = new Set<string>();
  if (documents.length === 0) return refused;
  const answer = await client.bulk({
    index,
    // How long a shard may be away before the request fails, which is tried again by the sink.
    timeout: shardTimeout,
    filter_path: ['errors', 'items.index._id', 'items.index.status', 'items.index.error'],
    operations: documents.flatMap(({ id, version, document }) => [
      { index: { _id: id, version, version_type: 'external' as const } },
      document,
    ]),
  });
  if (!answer.errors) return refused;
  for (const { index: item } of answer.items) {
    if (item?.error === undefined) continue;
    if (item.status !== conflict) throw new RefusedDocument(item.status, item.error);
    refused.add(`${item._id}`);
  }
  return refused;
}
