/**
 * Which member reads which partition: of each topic a run of partitions, the first members one more
 * when it does not divide. Topics with equally many partitions are so assigned alike: partition 3 of
 * one comes with partition 3 of the other, which joins rely on.
 *
 * Equivalent: org.apache.kafka.clients.consumer.RangeAssignor.
 */
import type { TopicPartition } from '../log.ts';

export interface Subscription {
  readonly memberId: number;
  readonly topics: readonly string[];
  /** Sets of topics that are assigned as one, by the partitions of the largest. */
  readonly together?: readonly (readonly string[])[] | undefined;
}

export function rangeAssignment(
  subscriptions: readonly Subscription[],
  partitionsOf: (topic: string) => number,
): Map<number, TopicPartition[]> {
  const assigned = new Map<number, TopicPartition[]>();
  for (const { memberId } of subscriptions) assigned.set(memberId, []);

  for (const topics of topicSets(subscriptions)) {
    const members = subscriptions.filter((subscription) =>
      topics.some((topic) => subscription.topics.includes(topic)),
    );
    const count = Math.max(...topics.map(partitionsOf));
    const share = Math.floor(count / members.length);
    const extra = count % members.length;
    let partition = 0;
    members.forEach(({ memberId }, index) => {
      const end = partition + share + (index < extra ? 1 : 0);
      for (; partition < end; partition++) {
        for (const topic of topics) {
          if (partition < partitionsOf(topic)) assigned.get(memberId)?.push({ topic, partition });
        }
      }
    });
  }
  return assigned;
}

/** Every subscribed topic in one set. The sets are the first member's that names the topic. */
function topicSets(subscriptions: readonly Subscription[]): string[][] {
  const placed = new Set<string>();
  const sets: string[][] = [];
  for (const { topics, together = [] } of subscriptions) {
    for (const set of [...together, ...topics.map((topic) => [topic])]) {
      const fresh = set.filter((topic) => !placed.has(topic));
      if (fresh.length === 0) continue;
      for (const topic of fresh) placed.add(topic);
      sets.push(fresh);
    }
  }
  return sets;
}
