/** The stores and global tables that a user's processor declares, told to the graph. */
import type { GlobalTables, StoreDefinitions } from '../processor.ts';
import type { TopologyGraph } from './topology-graph.ts';

interface Uses {
  readonly stores?: StoreDefinitions;
  readonly tables?: GlobalTables;
  readonly punctuators?: readonly { readonly everyMs: number }[];
}

export function declareUses(
  graph: TopologyGraph,
  by: string,
  { stores = {}, tables = {}, punctuators = [] }: Uses,
): { readonly stores: readonly string[]; readonly globalTables: readonly string[] } {
  for (const { name, key, value, logged } of Object.values(stores)) {
    graph.store({ kind: 'key-value', name, key, value, logged });
  }
  for (const { everyMs } of punctuators) {
    if (Number.isSafeInteger(everyMs) && everyMs > 0) continue;
    graph.fault(`'${by}' has a punctuator every ${everyMs} ms; it needs a whole number above 0`);
  }
  return {
    stores: Object.values(stores).map(({ name }) => name),
    globalTables: Object.values(tables).map(({ name }) => name),
  };
}
