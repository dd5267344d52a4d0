/**
 * Who stands by for which task. Each member works it out for itself, from what all of them see:
 * rendezvous hashing, so that a member that comes or goes moves the standbys of few tasks.
 */
import type { GroupPeer, TopicPartition } from '../log/log.ts';
import { murmur2 } from '../log/partitioner.ts';

export interface PlacedTask {
  readonly taskId: string;
  readonly inputs: readonly TopicPartition[];
}

/**
 * The tasks that the member that asks is to stand by for. Of a task that nobody has right now nothing
 * is said: `undecided` has them, and what stands by for them goes on.
 */
export function standbysOf(
  peers: readonly GroupPeer[],
  tasks: readonly PlacedTask[],
  replicas: number,
): { readonly chosen: ReadonlySet<string>; readonly undecided: ReadonlySet<string> } {
  const owners = new Map<string, GroupPeer>();
  for (const peer of peers) {
    for (const partition of peer.partitions) owners.set(nameOf(partition), peer);
  }
  const chosen = new Set<string>();
  const undecided = new Set<string>();
  for (const { taskId, inputs } of tasks) {
    const owner = inputs.map((input) => owners.get(nameOf(input))).find((one) => one !== undefined);
    if (owner === undefined) undecided.add(taskId);
    else if (
      ranked(peers, owner, taskId)
        .slice(0, replicas)
        .some(({ isSelf }) => isSelf)
    ) {
      chosen.add(taskId);
    }
  }
  return { chosen, undecided };
}

/**
 * The members that could stand by, the first choice first. Of those that share a process one: they
 * share its directory too, and go with it.
 */
function ranked(peers: readonly GroupPeer[], owner: GroupPeer, taskId: string): GroupPeer[] {
  const taken = [owner];
  return peers
    .map((peer) => ({ peer, weight: weightOf(peer, taskId) }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ peer }) => peer)
    .filter((peer) => {
      if (taken.some((other) => areTogether(peer, other))) return false;
      taken.push(peer);
      return true;
    });
}

function areTogether(one: GroupPeer, other: GroupPeer): boolean {
  if (one === other) return true;
  return one.processName !== undefined && one.processName === other.processName;
}

/** By the name that outlives a restart, where there is one: its state is on disk there. */
function weightOf({ instanceId, memberId }: GroupPeer, taskId: string): number {
  return murmur2(Buffer.from(`${taskId}\0${instanceId ?? memberId}`)) >>> 0;
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}
