/** Prints a topology as Kafka Streams' `Topology#describe` does, so that its tools can draw it. */
import type { GlobalTableSpec, SubTopology, TopologyNode } from './topology.ts';

interface Described {
  readonly node: TopologyNode;
  readonly parents: readonly string[];
  children: readonly string[];
  /** Nodes below it, counted once for each path: Kafka Streams prints larger ones first. */
  size: number;
}

/** `groups` in the order of their ids; a global table has an id of its own. */
export function describeTopology(
  groups: readonly (SubTopology | GlobalTableSpec)[],
  nodes: readonly TopologyNode[],
): string {
  const parts = groups.map((group, id) =>
    'nodes' in group
      ? `  Sub-topology: ${id}\n${describeNodes(nodesOf(group, nodes))}\n`
      : `  Sub-topology: ${id} for global store (will not generate tasks)\n${describeGlobal(group)}`,
  );
  return `Topologies:\n ${parts.join('')}`;
}

function nodesOf(group: SubTopology, nodes: readonly TopologyNode[]): TopologyNode[] {
  return nodes.filter(({ name }) => group.nodes.includes(name));
}

function describeNodes(nodes: readonly TopologyNode[]): string {
  const described = new Map<string, Described>();
  for (const node of nodes) {
    const parents = node.kind === 'source' ? [] : node.parents;
    described.set(node.name, { node, parents, children: [], size: 1 });
  }
  // Children come after their parents, so that going backwards each size is final when it is used.
  for (const { node, parents, size } of [...described.values()].reverse()) {
    for (const name of parents) {
      const parent = described.get(name) as Described;
      parent.size += size;
      parent.children = [...parent.children, node.name];
    }
  }
  const order = (a: string, b: string) =>
    bySizeThenName(described.get(a) as Described, described.get(b) as Described);
  return [...described.values()]
    .sort(bySizeThenName)
    .map(({ node, parents, children }) => describeNode(node, parents, [...children].sort(order)))
    .join('');
}

function bySizeThenName(a: Described, b: Described): number {
  return b.size - a.size || (a.node.name < b.node.name ? -1 : a.node.name > b.node.name ? 1 : 0);
}

function describeNode(
  node: TopologyNode,
  parents: readonly string[],
  children: readonly string[],
): string {
  const to = `      --> ${children.join(', ') || 'none'}\n`;
  const from = `      <-- ${parents.join(', ') || 'none'}\n`;
  switch (node.kind) {
    case 'source':
      return `    Source: ${node.name} (topics: [${node.topic.name}])\n${to}`;
    case 'processor':
      return `    Processor: ${node.name} (stores: [${storesOf(node.stores)}])\n${to}${from}`;
    case 'sink':
      return `    Sink: ${node.name} (topic: ${node.topic.name})\n${from}`;
  }
}

function describeGlobal({ name, sourceName, topic }: GlobalTableSpec): string {
  return (
    `    Source: ${sourceName} (topics: [${topic.name}])\n      --> ${name}\n` +
    `    Processor: ${name} (stores: [${name}])\n      --> none\n      <-- ${sourceName}\n\n`
  );
}

/** In the order of a Java HashSet: so Kafka Streams prints the stores of a processor. */
function storesOf(names: readonly string[]): string {
  let buckets = 16;
  while (names.length > buckets * 0.75) buckets *= 2;
  const bucketOf = (name: string) => {
    let hash = 0;
    for (let at = 0; at < name.length; at++) hash = (Math.imul(31, hash) + name.charCodeAt(at)) | 0;
    return (hash ^ (hash >>> 16)) & (buckets - 1);
  };
  return [...names].sort((a, b) => bucketOf(a) - bucketOf(b)).join(', ');
}
