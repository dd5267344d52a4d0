/**
 * The view as it is now and as it is being built anew. A generation is a set of indices with a name
 * of its own that never comes back; three aliases say which one is live, and move in one step.
 */
import { randomBytes } from 'node:crypto';
import type { Client } from '@elastic/elasticsearch';
import type { ElasticsearchOptions } from './client.ts';
import { indexOf, type Part, parts, schemaVersion } from './search-schema.ts';
import { isAlreadyThere, isGone } from './troubles.ts';

/** Its indices by part. */
export type Generation = Readonly<Record<Part, string>>;

/** Above what a cluster brings along. */
const templatePriority = 500;

type Indexing = Pick<ElasticsearchOptions, 'namespace' | 'shards' | 'replicas'>;

export function aliasOf(namespace: string, part: Part): string {
  return `${namespace}-search-${part}`;
}

function generationNamed(namespace: string, name: string): Generation {
  const indices = parts.map((part) => [part, `${aliasOf(namespace, part)}-${name}`]);
  return Object.fromEntries(indices) as Generation;
}

/** The generation that one of its indices belongs to. */
export function generationOf(namespace: string, part: Part, index: string): Generation {
  return generationNamed(namespace, index.slice(aliasOf(namespace, part).length + 1));
}

/** For a copy: two of them never share a name, so what writes to a dropped one writes nowhere. */
export function newGeneration(namespace: string): Generation {
  return generationNamed(namespace, `v${schemaVersion}-${randomBytes(6).toString('hex')}`);
}

/** For a store that has none: whoever migrates at the same time makes the same one. */
export function firstGeneration(namespace: string): Generation {
  return generationNamed(namespace, `v${schemaVersion}-first`);
}

/** Its indices, empty; those that are there already stay as they are. */
export async function createGeneration(
  client: Client,
  generation: Generation,
  options: Indexing,
): Promise<void> {
  await Promise.all(
    parts.map(async (part) => {
      try {
        await client.indices.create({ index: generation[part], ...indexOf(part, options) });
      } catch (error) {
        if (!isAlreadyThere(error)) throw error;
      }
    }),
  );
}

/** `undefined` when there is none. */
export async function liveGeneration(
  client: Client,
  namespace: string,
): Promise<{ readonly generation: Generation; readonly version: number } | undefined> {
  try {
    const answer = await client.indices.getMapping({ index: aliasOf(namespace, 'documents') });
    const [found] = Object.entries(answer);
    if (found === undefined) return undefined;
    const [index, { mappings }] = found;
    const version = Number(mappings._meta?.['millraceSchema'] ?? 0);
    return { generation: generationOf(namespace, 'documents', index), version };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Whether any index of a generation that was live is gone. */
export async function isIncomplete(client: Client, namespace: string): Promise<boolean> {
  const found = await indicesByAlias(client, namespace);
  const generations = parts.map((part) => {
    const index = found.get(aliasOf(namespace, part));
    return index && generationOf(namespace, part, index).documents;
  });
  return generations.includes(undefined) || new Set(generations).size > 1;
}

/** Whether there was a generation, of which only some indices are left. */
export async function hasRemains(client: Client, namespace: string): Promise<boolean> {
  const { size } = await indicesByAlias(client, namespace);
  return size > 0 && (await isIncomplete(client, namespace));
}

async function indicesByAlias(
  client: Client,
  namespace: string,
): Promise<ReadonlyMap<string, string>> {
  const answer = await client.indices.getAlias({
    index: parts.map((part) => `${aliasOf(namespace, part)}-*`),
    expand_wildcards: 'all',
  });
  return new Map(
    Object.entries(answer).flatMap(([index, { aliases }]) =>
      Object.keys(aliases).map((alias) => [alias, index] as const),
    ),
  );
}

/** Forbids to make indices of ours by writing: a writer of one that was dropped must fail. */
export async function putTemplate(client: Client, namespace: string): Promise<void> {
  await client.indices.putIndexTemplate({
    name: `${namespace}-search`,
    index_patterns: parts.map((part) => `${aliasOf(namespace, part)}-*`),
    priority: templatePriority,
    allow_auto_create: false,
  });
}

/** Makes the generation the live one, whichever was before. All three aliases move at once. */
export async function goLive(
  client: Client,
  namespace: string,
  generation: Generation,
): Promise<void> {
  const actions = parts.flatMap((part) => {
    const alias = aliasOf(namespace, part);
    return [
      { remove: { index: `${alias}-*`, alias, must_exist: false } },
      { add: { index: generation[part], alias } },
    ];
  });
  await client.indices.updateAliases({ actions });
}

/** Who reads from it meanwhile reads again from the live one. */
export async function dropGeneration(client: Client, generation: Generation): Promise<void> {
  const index = parts.map((part) => generation[part]);
  await client.indices.delete({ index, ignore_unavailable: true });
}

/** Drops every generation but the live one, if there is one. */
export async function dropOthers(
  client: Client,
  namespace: string,
  live: Generation | undefined,
): Promise<void> {
  const patterns = parts.map((part) => `${aliasOf(namespace, part)}-*`);
  const found = await client.indices.get({ index: patterns, features: ['aliases'] });
  const kept = new Set<string>(Object.values(live ?? {}));
  const index = Object.keys(found).filter((name) => !kept.has(name));
  if (index.length > 0) await client.indices.delete({ index, ignore_unavailable: true });
}
