/**
 * Who is in a group. Of what a member may say of itself the brokers tell the others its client id
 * alone, so that is where its name and the fingerprint of its layout stand.
 */
import { StreamsError } from '../../errors.ts';
import type { KafkaClients } from './kafka-clients.ts';
import { kafkaError } from './kafka-errors.ts';
import { answer, type NativeGroup, type NativeGroupMember } from './native-client.ts';
import type { TaskLayout } from './task-layout.ts';

export interface KnownMember extends NativeGroupMember {
  readonly name: string;
  /** Of its layout; absent from a member that is none of ours. */
  readonly fingerprint: string | undefined;
}

const callTimeoutMs = 10_000;

export function clientIdOf(clientId: string, memberName: string, layout: TaskLayout): string {
  return [clientId, memberName, layout.fingerprint].join('#');
}

export async function membersOf(
  clients: KafkaClients,
  groupId: string,
): Promise<readonly KnownMember[]> {
  try {
    const { groups } = await answer<{ readonly groups: readonly NativeGroup[] }>((callback) =>
      clients.admin.describeGroups([groupId], { timeout: callTimeoutMs }, callback),
    );
    return (groups[0]?.members ?? []).map((member) => {
      const [, name = member.memberId, fingerprint] = member.clientId.split('#');
      return { ...member, name, fingerprint };
    });
  } catch (error) {
    throw kafkaError(`cannot read the members of group '${groupId}'`, error);
  }
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
): Promise<void> {
  const others = (await membersOf(clients, groupId)).filter(
    ({ fingerprint }) => fingerprint !== layout.fingerprint,
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
