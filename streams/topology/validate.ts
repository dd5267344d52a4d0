/** What can be wrong with a topology, found before anything runs. Each fault is one sentence. */
import type { GlobalTableSpec, StoreSpec, TopicUse, TopologyNode } from './topology.ts';

interface Parts {
  readonly nodes: readonly TopologyNode[];
  readonly stores: readonly StoreSpec[];
  readonly globalTables: readonly GlobalTableSpec[];
}

export function topologyFaults(parts: Parts): string[] {
  return [
    ...nameFaults(parts),
    ...storeFaults(parts),
    ...topicFaults(parts),
    ...connectionFaults(parts),
    ...cycleFaults(parts),
  ];
}

function nameFaults({ nodes, globalTables }: Parts): string[] {
  const names = [...nodes.map(({ name }) => name), ...globalTables.map(({ name }) => name)];
  return duplicates(names).map((name) => `two operators are named '${name}'`);
}

/** A store's name stands in the name of its changelog, between an application's id and a suffix. */
const legalStoreName = /^[a-zA-Z0-9._-]{1,138}$/;

function storeFaults({ stores }: Parts): string[] {
  const illegal = [...new Set(stores.map(({ name }) => name))]
    .filter((name) => !legalStoreName.test(name))
    .map((name) => `store '${name}': give 1 to 138 letters, digits, '.', '_' and '-'`);
  return [...illegal, ...storeDifferences(stores)];
}

function storeDifferences(stores: Parts['stores']): string[] {
  return duplicates(stores.map(({ name }) => name)).flatMap((name) => {
    const [first, ...others] = stores.filter((store) => store.name === name);
    const same = others.every((other) => first !== undefined && mayShare(first, other));
    return same ? [] : [`store '${name}' is defined twice, differently`];
  });
}

/** Only the user's own stores are shared, and only when both mean the same. */
function mayShare(a: StoreSpec, b: StoreSpec): boolean {
  const alike = a.key === b.key && a.value === b.value && a.logged === b.logged;
  return alike && a.kind === 'key-value' && b.kind === 'key-value';
}

function topicFaults({ nodes, globalTables }: Parts): string[] {
  const uses = [
    ...nodes.flatMap((node) => (node.kind === 'processor' ? [] : [node.topic])),
    ...globalTables.map(({ topic }) => topic),
  ];
  const first = new Map<string, TopicUse>();
  const faults: string[] = [];
  for (const topic of uses) {
    const other = first.get(topic.name) ?? topic;
    first.set(topic.name, other);
    const differing = (['partitions', 'cleanupPolicy', 'retentionMs'] as const)
      .filter((setting) => other[setting] !== topic[setting])
      .map((setting) => `${setting} ${other[setting]} and ${topic[setting]}`);
    if (differing.length === 0) continue;
    faults.push(`topic '${topic.name}' is used with different settings: ${differing.join(', ')}`);
  }
  for (const { name, partitions } of first.values()) {
    if (Number.isSafeInteger(partitions) && partitions > 0) continue;
    faults.push(`topic '${name}' has ${partitions} partitions; it needs at least one`);
  }
  return faults;
}

function connectionFaults({ nodes, stores, globalTables }: Parts): string[] {
  const nodeNames = new Set(nodes.map(({ name }) => name));
  const storeNames = new Set(stores.map(({ name }) => name));
  const tableNames = new Set(globalTables.map(({ name }) => name));
  const missing = (by: string, kind: string, names: readonly string[], known: Set<string>) =>
    names
      .filter((name) => !known.has(name))
      .map((name) => `'${by}' uses a ${kind} '${name}' that this topology does not have`);
  return nodes.flatMap((node) => {
    if (node.kind === 'source') return [];
    const parents = missing(node.name, 'parent', node.parents, nodeNames);
    if (node.kind === 'sink') return parents;
    return [
      ...parents,
      ...missing(node.name, 'store', node.stores, storeNames),
      ...missing(node.name, 'global table', node.globalTables, tableNames),
    ];
  });
}

function cycleFaults({ nodes }: Parts): string[] {
  const parentsOf = new Map(
    nodes.map((node) => [node.name, node.kind === 'source' ? [] : node.parents]),
  );
  const done = new Set<string>();
  const cycleFrom = (name: string, path: readonly string[]): string | undefined => {
    if (path.includes(name))
      return [...path.slice(path.indexOf(name)), name].reverse().join(' -> ');
    if (done.has(name)) return undefined;
    for (const parent of parentsOf.get(name) ?? []) {
      const cycle = cycleFrom(parent, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of nodes) {
    const cycle = cycleFrom(name, []);
    if (cycle !== undefined) return [`operators feed each other in a circle: ${cycle}`];
  }
  return [];
}

function duplicates(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}
