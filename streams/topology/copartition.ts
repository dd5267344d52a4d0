/**
 * Partition counts: how many a repartition topic gets, and which inputs must have equally many
 * because records with the same key have to meet in one task.
 */
import type { TopologyNode } from './topology.ts';
import type { Copartition, TopologyGraph } from './topology-graph.ts';

/**
 * The partitions of each repartition topic: what was asked for; else what it is joined with; else
 * the largest count upstream.
 */
export function repartitionCounts(graph: TopologyGraph): Map<string, number> {
  const topicOf = sourceTopics(graph.nodes);
  const counts = new Map<string, number>();
  const countOf = (source: string): number => {
    const topic = topicOf.get(source);
    if (topic === undefined) return 0;
    return topic.internal ? (counts.get(topic.name) ?? 0) : topic.partitions;
  };
  const asked = new Map(graph.repartitions.map(({ name, partitions }) => [name, partitions]));
  // Topics depend on topics before them; a join may change one again, so go round until none moves.
  for (let round = 0; round <= graph.repartitions.length; round++) {
    for (const { name, upstream, partitions } of graph.repartitions) {
      const joined = joinedCount(name, graph.copartitions, topicOf, countOf);
      counts.set(name, partitions ?? joined ?? Math.max(0, ...upstream.map(countOf)));
    }
    for (const { sources } of graph.copartitions) {
      const internal = sources.flatMap((source) => {
        const topic = topicOf.get(source);
        return topic?.internal && asked.get(topic.name) === undefined ? [topic.name] : [];
      });
      const target = Math.max(0, ...sources.map(countOf));
      if (internal.length === sources.length) for (const name of internal) counts.set(name, target);
    }
  }
  return counts;
}

/** The count that the topics which exist outside give to a repartition topic joined with them. */
function joinedCount(
  name: string,
  copartitions: readonly Copartition[],
  topicOf: ReturnType<typeof sourceTopics>,
  countOf: (source: string) => number,
): number | undefined {
  for (const { sources } of copartitions) {
    if (!sources.some((source) => topicOf.get(source)?.name === name)) continue;
    const external = sources.filter((source) => topicOf.get(source)?.internal === false);
    if (external.length > 0) return Math.max(...external.map(countOf));
  }
  return undefined;
}

export function copartitionFaults(
  copartitions: readonly Copartition[],
  nodes: readonly TopologyNode[],
): string[] {
  const topicOf = sourceTopics(nodes);
  return copartitions.flatMap(({ by, sources }) => {
    const topics = sources.flatMap((source) => topicOf.get(source) ?? []);
    if (new Set(topics.map(({ partitions }) => partitions)).size < 2) return [];
    const counts = topics.map(({ name, partitions }) => `'${name}' has ${partitions}`).join(', ');
    return [`'${by}' joins topics with different partition counts: ${counts}; repartition one`];
  });
}

function sourceTopics(nodes: readonly TopologyNode[]) {
  return new Map(
    nodes.flatMap((node) => (node.kind === 'source' ? [[node.name, node.topic] as const] : [])),
  );
}
