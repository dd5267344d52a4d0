/** From the graph of the DSL to a topology: partitions are counted, faults found, parts numbered. */
import { StreamsError } from '../errors.ts';
import { copartitionFaults, repartitionCounts } from './copartition.ts';
import { describeTopology } from './describe.ts';
import { groupsOf } from './sub-topologies.ts';
import type { StoreSpec, SubTopology, TopicUse, Topology, TopologyNode } from './topology.ts';
import type { TopologyGraph } from './topology-graph.ts';
import { topologyFaults } from './validate.ts';

/** @throws StreamsError `STREAMS_TOPOLOGY_INVALID` with every fault in its message. */
export function buildTopology(graph: TopologyGraph): Topology {
  const counts = repartitionCounts(graph);
  const nodes = graph.nodes.map((node) => withPartitions(node, counts));
  const globalTables = graph.globalTables.map(({ table }) => table);
  const faults = [
    ...graph.faults,
    ...topologyFaults({ nodes, stores: graph.stores, globalTables }),
    ...copartitionFaults(graph.copartitions, nodes),
  ];
  if (faults.length > 0) {
    const list = [...new Set(faults)].map((fault) => `\n- ${fault}`).join('');
    throw new StreamsError('STREAMS_TOPOLOGY_INVALID', `the topology cannot work:${list}`);
  }
  const groups = groupsOf(nodes, graph.globalTables);
  return {
    nodes,
    stores: distinctStores(graph),
    globalTables,
    subTopologies: groups.filter((group): group is SubTopology => 'nodes' in group),
    internalTopics: internalTopics(nodes),
    describe: () => describeTopology(groups, nodes),
  };
}

function withPartitions(node: TopologyNode, counts: ReadonlyMap<string, number>): TopologyNode {
  if (node.kind === 'processor' || !node.topic.internal) return node;
  const partitions = counts.get(node.topic.name) ?? 0;
  return { ...node, topic: { ...node.topic, partitions } };
}

function distinctStores({ stores, joinedStores }: TopologyGraph): StoreSpec[] {
  const distinct = new Map(stores.map((store) => [store.name, store]));
  return [...distinct.values()].map((store) =>
    joinedStores.has(store.name) ? { ...store, cached: false } : store,
  );
}

function internalTopics(nodes: readonly TopologyNode[]): TopicUse[] {
  const sources = nodes.flatMap((node) => (node.kind === 'source' ? [node.topic] : []));
  return sources.filter((topic) => topic.internal);
}
