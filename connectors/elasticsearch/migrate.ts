/** Makes Elasticsearch ready for this program, and says when it is not. */
import type { Client } from '@elastic/elasticsearch';
import { type ElasticsearchOptions, openClient } from './client.ts';
import {
  createGeneration,
  dropGeneration,
  firstGeneration,
  goLive,
  hasRemains,
  liveGeneration,
  newGeneration,
  putTemplate,
} from './generations.ts';
import { schemaVersion } from './search-schema.ts';
import { bare } from './troubles.ts';

/**
 * Makes the indices that are missing. Does nothing the second time, and may run in several
 * processes at once. Indices of an older version are replaced by empty ones, which the sinks fill
 * again from the beginning of the log.
 *
 * @throws Error when the store is of a newer version, or cannot be reached.
 */
export async function migrateElasticsearch(options: ElasticsearchOptions): Promise<void> {
  const client = openClient(options);
  try {
    await migrate(client, options);
  } catch (error) {
    throw bare(error);
  } finally {
    await client.close();
  }
}

async function migrate(client: Client, options: ElasticsearchOptions): Promise<void> {
  const { namespace } = options;
  const live = await liveGeneration(client, namespace);
  if (live !== undefined) refuseNewer(namespace, live.version);
  await putTemplate(client, namespace);
  const isDamaged = await hasRemains(client, namespace);
  if (live?.version === schemaVersion && !isDamaged) return;
  // Positions that outlived their documents must not count for new ones.
  const first = isDamaged ? newGeneration(namespace) : firstGeneration(namespace);
  await createGeneration(client, first, options);
  await goLive(client, namespace, first);
  if (live !== undefined) await dropGeneration(client, live.generation);
}

/** @throws Error when the store is not of the version that this program reads and writes. */
export async function requireMigrated(client: Client, namespace: string): Promise<void> {
  const live = await liveGeneration(client, namespace);
  if (live === undefined) {
    throw new Error(
      `Elasticsearch has no indices of '${namespace}' yet: run \`millrace migrate\` first`,
    );
  }
  refuseNewer(namespace, live.version);
  if (live.version < schemaVersion) {
    throw new Error(
      `the indices of '${namespace}' in Elasticsearch are of version ${live.version}, and this ` +
        `program needs version ${schemaVersion}: run \`millrace migrate\``,
    );
  }
}

function refuseNewer(namespace: string, version: number): void {
  if (version <= schemaVersion) return;
  throw new Error(
    `the indices of '${namespace}' in Elasticsearch are of version ${version}, and this program ` +
      `knows versions up to ${schemaVersion}: run a newer Millrace, or delete them and run ` +
      '`millrace migrate`',
  );
}
