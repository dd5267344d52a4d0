/**
 * Sub-topologies: the connected components of the graph. Nodes are connected by edges, by a store
 * that they share and by a topic that they both read; a topic between two of them connects nothing.
 * Numbered by their first node, global tables among them, as Kafka Streams does it.
 */
import type { GlobalTableSpec, SubTopology, TopicUse, TopologyNode } from './topology.ts';

/** By id. A global table takes an id and has no tasks. */
export function groupsOf(
  nodes: readonly TopologyNode[],
  globalTables: readonly { readonly table: GlobalTableSpec; readonly before: number }[],
): (SubTopology | GlobalTableSpec)[] {
  const components = componentsOf(nodes);
  const groups: (readonly TopologyNode[] | GlobalTableSpec)[] = [];
  let at = 0;
  const order = new Map(nodes.map((node, index) => [node.name, index]));
  for (const { table, before } of globalTables) {
    for (; at < components.length; at++) {
      const first = (components[at] as readonly TopologyNode[])[0] as TopologyNode;
      if ((order.get(first.name) as number) >= before) break;
      groups.push(components[at] as readonly TopologyNode[]);
    }
    groups.push(table);
  }
  groups.push(...components.slice(at));
  return groups.map((group, id) => ('length' in group ? subTopology(id, group) : group));
}

function subTopology(id: number, nodes: readonly TopologyNode[]): SubTopology {
  const sources = distinct(nodes.flatMap((node) => (node.kind === 'source' ? [node.topic] : [])));
  return {
    id,
    nodes: nodes.map(({ name }) => name),
    stores: [...new Set(nodes.flatMap((node) => (node.kind === 'processor' ? node.stores : [])))],
    sources,
    sinks: distinct(nodes.flatMap((node) => (node.kind === 'sink' ? [node.topic] : []))),
    partitions: Math.max(...sources.map(({ partitions }) => partitions), 0),
  };
}

function distinct(topics: readonly TopicUse[]): TopicUse[] {
  return [...new Map(topics.map((topic) => [topic.name, topic])).values()];
}

/** Nodes of one component stay in their order; components are in the order of their first node. */
function componentsOf(nodes: readonly TopologyNode[]): TopologyNode[][] {
  const root = new Map<string, string>();
  const find = (id: string): string => {
    const parent = root.get(id);
    if (parent === undefined || parent === id) return id;
    const found = find(parent);
    root.set(id, found);
    return found;
  };
  for (const node of nodes) {
    const id = `node ${node.name}`;
    for (const other of connections(node)) root.set(find(other), find(id));
  }
  const components = new Map<string, TopologyNode[]>();
  for (const node of nodes) {
    const id = find(`node ${node.name}`);
    const component = components.get(id) ?? [];
    components.set(id, component);
    component.push(node);
  }
  return [...components.values()];
}

function connections(node: TopologyNode): string[] {
  if (node.kind === 'source') return [`topic ${node.topic.name}`];
  const parents = node.parents.map((parent) => `node ${parent}`);
  if (node.kind === 'sink') return parents;
  return [...parents, ...node.stores.map((store) => `store ${store}`)];
}
