/**
 * Who would be given the tasks of a process that is lost. It does what the group's assignor would:
 * whoever had tasks keeps them; those of the lost go, one after another, the last one first, to the
 * member that has the fewest, of several to the one whose id comes first.
 *
 * @see rd_kafka_sticky_assignor_assign_cb of librdkafka (1.6 to 2.15)
 */

export interface StickyMember {
  /** The group coordinator's id of it. */
  readonly memberId: string;
  /** Members with the same one are lost together. */
  readonly processName: string | undefined;
  readonly tasks: readonly number[];
}

/**
 * By task the `memberId` of its heir. Empty while the group is between two assignments: then nobody
 * knows who will have what; and where there is nobody else.
 */
export function stickyHeirs(
  members: readonly StickyMember[],
  taskCount: number,
): ReadonlyMap<number, string> {
  const heirs = new Map<number, string>();
  if (!isSettled(members, taskCount)) return heirs;
  for (const [processName, lost] of byProcess(members)) {
    const left = members
      .filter((member) => processOf(member) !== processName)
      .map(({ memberId, tasks }) => ({ memberId, count: tasks.length }));
    // Where nobody who is left has a task, the assignor has no order to go by but that of the tasks.
    const isFresh = left.every(({ count }) => count === 0);
    const tasks = lost.flatMap((member) => member.tasks);
    tasks.sort((a, b) => (isFresh ? a - b : b - a));
    for (const task of tasks) {
      const heir = left.reduce<(typeof left)[number] | undefined>(
        (best, one) => (best === undefined || comesBefore(one, best) ? one : best),
        undefined,
      );
      if (heir === undefined) break;
      heir.count += 1;
      heirs.set(task, heir.memberId);
    }
  }
  return heirs;
}

/** Every task has been given to somebody, and nobody has two more than another: none is on its way. */
function isSettled(members: readonly StickyMember[], taskCount: number): boolean {
  const counts = members.map(({ tasks }) => tasks.length);
  const given = counts.reduce((sum, count) => sum + count, 0);
  return given === taskCount && Math.max(...counts) - Math.min(...counts) <= 1;
}

interface Candidate {
  readonly memberId: string;
  readonly count: number;
}

function comesBefore(one: Candidate, other: Candidate): boolean {
  return one.count < other.count || (one.count === other.count && one.memberId < other.memberId);
}

function processOf({ processName, memberId }: StickyMember): string {
  return processName ?? memberId;
}

function byProcess(members: readonly StickyMember[]): Map<string, StickyMember[]> {
  const processes = new Map<string, StickyMember[]>();
  for (const member of members) {
    const name = processOf(member);
    processes.set(name, [...(processes.get(name) ?? []), member]);
  }
  return processes;
}
