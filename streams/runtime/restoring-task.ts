/** Makes out, for a task that comes to this member, where its inputs begin and what its state lacks. */
import type { Log, TopicDescription, TopicPartition } from '../log/log.ts';
import { FollowedTask } from './changelog-follower.ts';
import { completeAtWrite, storedCompleteAt } from './stored-stream-time.ts';
import type { TaskState } from './task-state.ts';

/** Where the group goes on with an input, as the log says. */
export interface InputBeginning {
  readonly input: TopicPartition;
  readonly committed: bigint | undefined;
  readonly beginning: bigint;
  readonly end: bigint;
}

/**
 * State that was complete no later than this may lack deletions that the changelog has forgotten by
 * now: Kafka keeps tombstones for a day. Less than that, since a standby is a moment behind.
 *
 * @see delete.retention.ms
 */
const longestAgeMs = 20 * 60 * 60 * 1_000;

export class Descriptions {
  readonly #log: Log;
  readonly #topics = new Map<string, Promise<TopicDescription>>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Asks for each topic once. */
  async of({ topic, partition }: TopicPartition): Promise<{ beginning: bigint; end: bigint }> {
    const described = this.#topics.get(topic) ?? this.#log.describeTopic(topic);
    this.#topics.set(topic, described);
    return (await described).offsets[partition] ?? { beginning: 0n, end: 0n };
  }
}

/**
 * The committed offsets come first, the ends of the changelogs after them: `committed` waits for a
 * transaction of the task's last owner that is not decided yet, and only then the changelogs have
 * all that belongs to those offsets.
 */
export async function inputBeginnings(
  log: Log,
  groupId: string,
  inputs: readonly TopicPartition[],
): Promise<InputBeginning[]> {
  const committed = await log.committed(groupId, inputs);
  const descriptions = new Descriptions(log);
  return Promise.all(
    inputs.map(async (input, i) => ({
      input,
      committed: committed[i],
      ...(await descriptions.of(input)),
    })),
  );
}

/** What is left of the state is followed from where it is; what cannot be trusted is cleared. */
export async function followedState(
  state: TaskState,
  descriptions: Descriptions,
  nowMs: number,
): Promise<FollowedTask> {
  const { partition, storage } = state;
  const bounds = new Map<string, { readonly beginning: bigint; readonly end: bigint }>();
  for (const { topic } of state.changelogs) {
    bounds.set(topic, await descriptions.of({ topic, partition }));
  }
  if (storage.positions.size > 0 && !isUsable(state, bounds, nowMs)) await storage.clear();
  if (storage.positions.size === 0) {
    // Reading from the beginning finds every deletion that the changelog has from now on.
    await storage.apply([completeAtWrite(nowMs)], new Map());
  }
  return new FollowedTask(state, bounds);
}

function isUsable(
  { storage, changelogs }: TaskState,
  bounds: ReadonlyMap<string, { readonly beginning: bigint; readonly end: bigint }>,
  nowMs: number,
): boolean {
  if (nowMs - storedCompleteAt(storage) > longestAgeMs) return false;
  return changelogs.every(({ topic, store }) => {
    const position = storage.positions.get(topic);
    const { beginning = 0n, end = 0n } = bounds.get(topic) ?? {};
    if (position === undefined) return true;
    if (position > end) return false; // The topic was made anew.
    // Retention takes windows that are over; nothing else should be missing at the beginning.
    return position >= beginning || store.kind === 'window';
  });
}
