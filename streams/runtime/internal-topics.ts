/** The topics that an application needs, and which of them are its own. */
import type { StreamsConfig } from '../config.ts';
import type { TopicSpec } from '../log/log.ts';
import {
  changelogName,
  type StoreSpec,
  type TopicUse,
  type Topology,
  topicName,
} from '../topology/topology.ts';

const dayMs = 24 * 60 * 60 * 1_000;

/**
 * Every topic of the topology with its settings: created when it is missing, checked when it is
 * there. Changelogs only for a log that leaves state to them.
 */
export function topicsOf(
  topology: Topology,
  config: Pick<StreamsConfig, 'applicationId' | 'deadLetterTopic'>,
  options: { readonly changelogs: boolean },
): TopicSpec[] {
  const { applicationId } = config;
  const topics = new Map<string, TopicSpec>();
  const add = (topic: TopicSpec) => {
    if (!topics.has(topic.name)) topics.set(topic.name, topic);
  };
  const used: TopicUse[] = [
    ...topology.internalTopics,
    ...topology.subTopologies.flatMap(({ sources, sinks }) => [...sources, ...sinks]),
    ...topology.globalTables.map(({ topic }) => topic),
  ];
  for (const topic of used) {
    const { partitions, cleanupPolicy, retentionMs } = topic;
    add({ name: topicName(topic, applicationId), partitions, cleanupPolicy, retentionMs });
  }
  if (options.changelogs) for (const topic of changelogsOf(topology, applicationId)) add(topic);
  const { deadLetterTopic } = config;
  add({ name: deadLetterTopic, partitions: 1, cleanupPolicy: 'delete', retentionMs: -1 });
  return [...topics.values()];
}

/** Names of the repartition topics as the log knows them: what is read of them may be purged. */
export function repartitionTopics(topology: Topology, applicationId: string): Set<string> {
  return new Set(topology.internalTopics.map((topic) => topicName(topic, applicationId)));
}

function changelogsOf(topology: Topology, applicationId: string): TopicSpec[] {
  return topology.subTopologies.flatMap(({ stores, partitions }) =>
    topology.stores
      .filter(({ name, logged }) => logged && stores.includes(name))
      .map((store) => ({
        name: changelogName(store.name, applicationId),
        partitions,
        ...changelogSettings(store),
      })),
  );
}

/** As Kafka Streams sets them. */
function changelogSettings(store: StoreSpec): Pick<TopicSpec, 'cleanupPolicy' | 'retentionMs'> {
  return 'retentionMs' in store
    ? { cleanupPolicy: 'compact,delete', retentionMs: store.retentionMs + dayMs }
    : { cleanupPolicy: 'compact', retentionMs: -1 };
}
