/** Every task that a topology has, and the partitions that it reads. */
import type { StreamsConfig } from '../config.ts';
import type { TopicPartition } from '../log/log.ts';
import { type SubTopology, type Topology, taskIdOf, topicName } from '../topology/topology.ts';

export interface TaskPlace {
  readonly taskId: string;
  readonly sub: SubTopology;
  readonly partition: number;
  /** By their names in the log. */
  readonly inputs: readonly TopicPartition[];
}

export function placesOf(material: {
  readonly topology: Topology;
  readonly config: Pick<StreamsConfig, 'applicationId'>;
  /** Partitions of each topic, by its name in the log. */
  readonly partitionCounts: ReadonlyMap<string, number>;
}): TaskPlace[] {
  const { topology, config, partitionCounts } = material;
  return topology.subTopologies.flatMap((sub) =>
    Array.from({ length: sub.partitions }, (_, partition) => ({
      taskId: taskIdOf(sub.id, partition),
      sub,
      partition,
      inputs: sub.sources
        .map((source) => ({ topic: topicName(source, config.applicationId), partition }))
        .filter(({ topic }) => partition < (partitionCounts.get(topic) ?? 0)),
    })),
  );
}
