/**
 * Who stands by for which task. Each member works it out for itself, from what all of them see. Where the
 * log tells who would inherit a task, that one stands by first: it has the state when it gets the task.
 * The others by rendezvous hashing, so that a member that comes or goes moves the standbys of few tasks.
 */
import type { GroupPeer, TopicPartition } from '../log/log.ts';
import { nameOf } from '../log/partition-name.ts';
import { murmur2 } from '../log/partitioner.ts';

export interface PlacedTask {
  readonly taskId: string;
  readonly inputs: readonly TopicPartition[];
}

/**
 * The tasks that the member that asks is to stand by for. Of a task that nobody has right now, or of
 * which is not known now who would inherit it, nothing is said: `undecided` has them, and what stands by
 * for them goes on.
 */
export function standbysOf(
  peers: readonly GroupPeer[],
  tasks: readonly PlacedTask[],
  replicas: number,
): { readonly chosen: ReadonlySet<string>; readonly undecided: ReadonlySet<string> } {
  const owners = byInput(peers, ({ partitions }) => partitions);
  const tellsHeirs = peers.some(({ inherits }) => inherits !== undefined);
  const heirs = byInput(peers, ({ inherits = [] }) => inherits);
  const chosen = new Set<string>();
  const undecided = new Set<string>();
  for (const { taskId, inputs } of tasks) {
    const owner = ofInputs(owners, inputs);
    const heir = ofInputs(heirs, inputs);
    if (owner === undefined || (tellsHeirs && heir === undefined)) {
      undecided.add(taskId);
      continue;
    }
    const first = heir === undefined ? [] : [heir];
    const standing = [...first, ...ranked(peers, [owner, ...first], taskId)].slice(0, replicas);
    if (standing.some(({ isSelf }) => isSelf)) chosen.add(taskId);
  }
  return { chosen, undecided };
}

function byInput(
  peers: readonly GroupPeer[],
  inputsOf: (peer: GroupPeer) => readonly TopicPartition[],
): ReadonlyMap<string, GroupPeer> {
  return new Map(peers.flatMap((peer) => inputsOf(peer).map((input) => [nameOf(input), peer])));
}

function ofInputs(
  peers: ReadonlyMap<string, GroupPeer>,
  inputs: readonly TopicPartition[],
): GroupPeer | undefined {
  return inputs.map((input) => peers.get(nameOf(input))).find((one) => one !== undefined);
}

/**
 * The members that could stand by beside these, the first choice first. Of those that share a process
 * one: they share its directory too, and go with it.
 */
function ranked(
  peers: readonly GroupPeer[],
  beside: readonly GroupPeer[],
  taskId: string,
): GroupPeer[] {
  const taken = [...beside];
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
