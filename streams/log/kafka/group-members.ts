/**
 * Who is in a group. Of what a member may say of itself the brokers tell the others its client id
 * alone, so that is where its name and the fingerprint of its layout stand.
 */
import { StreamsError } from '../../errors.ts';
import type { TopicPartition } from '../log.ts';
import type { DescribedGroupMember } from './admin-client.ts';
import type { KafkaClients } from './kafka-clients.ts';
import { kafkaError } from './kafka-errors.ts';
import type { TaskLayout } from './task-layout.ts';

export interface KnownMember {
  /** Another one after each start. */
  readonly memberId: string;
  readonly clientId: string;
  /** The driver's own; survives a restart when the member is static. */
  readonly name: string;
  /** Of its layout; absent from a member that is none of ours. */
  readonly fingerprint: string | undefined;
  readonly processName: string | undefined;
  readonly partitions: readonly TopicPartition[];
}

export function clientIdOf(
  clientId: string,
  memberName: string,
  layout: TaskLayout,
  processName: string | undefined,
): string {
  const named = processName === undefined ? [] : [processName];
  return [clientId, memberName, layout.fingerprint, ...named].join('#');
}

export async function membersOf(
  clients: KafkaClients,
  groupId: string,
): Promise<readonly KnownMember[]> {
  try {
    const groups = await clients.secondAdmin.ask((client) =>
      client.describeGroups({ groups: [groupId] }),
    );
    return [...(groups.get(groupId)?.members.values() ?? [])].map(known);
  } catch (error) {
    throw kafkaError(`cannot read the members of group '${groupId}'`, error);
  }
}

function known({ id: memberId, clientId, assignments }: DescribedGroupMember): KnownMember {
  const [, name = memberId, fingerprint, processName] = clientId.split('#');
  const partitions = [...(assignments?.values() ?? [])].flatMap(({ topic, partitions = [] }) =>
    partitions.map((partition) => ({ topic, partition })),
  );
  return { memberId, clientId, name, fingerprint, processName, partitions };
}

/**
 * Members that number their tasks in another way would read the same inputs twice.
 *
 * @throws StreamsError `STREAMS_TOPOLOGY_MISMATCH` naming who is there.
 */
export async function checkSameLayout(
  clients: KafkaClients,
  groupId: string,
  layout: TaskLayout,
  memberName: string,
): Promise<void> {
  // A static member that comes back with another topology takes its own place.
  const others = (await membersOf(clients, groupId)).filter(
    ({ fingerprint, name }) => fingerprint !== layout.fingerprint && name !== memberName,
  );
  if (others.length === 0) return;
  const names = others.map(({ clientId, memberId }) => `${clientId} (${memberId})`).join(', ');
  throw new StreamsError(
    'STREAMS_TOPOLOGY_MISMATCH',
    `group '${groupId}' has members that run another topology: ${names}. Stop all of them before ` +
      'this one is started, or give it another application id',
    { retryable: true },
  );
}
