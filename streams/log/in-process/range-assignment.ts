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
}

export function rangeAssignment(
  subscriptions: readonly Subscription[],
  partitionsOf: (topic: string) => number,
): Map<number, TopicPartition[]> {
  const assigned = new Map<number, TopicPartition[]>();
  for (const { memberId } of subscriptions) assigned.set(memberId, []);

  const topics = new Set(subscriptions.flatMap((subscription) => subscription.topics));
  for (const topic of topics) {
    const members = subscriptions.filter((subscription) => subscription.topics.includes(topic));
    const count = partitionsOf(topic);
    const share = Math.floor(count / members.length);
    const extra = count % members.length;
    let partition = 0;
    members.forEach(({ memberId }, index) => {
      const end = partition + share + (index < extra ? 1 : 0);
      for (; partition < end; partition++) assigned.get(memberId)?.push({ topic, partition });
    });
  }
  return assigned;
}
