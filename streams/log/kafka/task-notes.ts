/**
 * What stands beside a task in the offsets of its group: in the metadata of the committed offset of the
 * task's own partition. Only the member that processes the task writes it.
 */

/** Who goes on with a task that the group has given to somebody else. */
export interface Keeper {
  /** The group coordinator's id of it: another one after each start. */
  readonly memberId: string;
  /** Whoever initialises it stops the keeper's commits. */
  readonly transactionalId: string;
}

export function keeperNote({ memberId, transactionalId }: Keeper): string {
  return JSON.stringify({ keptBy: memberId, transactionalId });
}

/** `undefined`: nobody keeps the task. */
export function keeperIn(metadata: string): Keeper | undefined {
  if (!metadata.startsWith('{')) return undefined; // A transactional id begins with that of a group.
  const { keptBy: memberId, transactionalId } = JSON.parse(metadata);
  return { memberId, transactionalId };
}
