/**
 * A group shares tasks, not partitions: one partition of an internal topic stands for each task, and
 * whoever is given it reads the inputs of that task. So inputs of one task come and go together,
 * whatever the assignor of the group: the client has none of our own, and of those it has only the
 * sticky one leaves tasks where their state is, without a promise to keep inputs together.
 *
 * @see docs/decisions/0015-tasks-are-partitions.md
 */
import { createHash } from 'node:crypto';
import type { TopicPartition } from '../log.ts';

export interface TaskLayout {
  /** Its partition `n` is task `n`. Its records say nothing: they move its end. @see KeptTasks */
  readonly topic: string;
  /** The inputs of each task. */
  readonly tasks: readonly (readonly TopicPartition[])[];
  /** The same for members that mean the same by a task's number, and move tasks alike. */
  readonly fingerprint: string;
}

/**
 * How members hand tasks over: another one when they do it in another way, so that they do not meet. A
 * member that knows of no keepers would begin a task beside one.
 */
const agreement = 'keepers';

export interface LayoutOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly together: readonly (readonly string[])[];
  readonly partitionsOf: (topic: string) => number;
}

export function taskLayout({ groupId, topics, together, partitionsOf }: LayoutOptions): TaskLayout {
  const tasks: TopicPartition[][] = [];
  for (const set of joined(topics, together)) {
    const counts = set.map((topic) => ({ topic, partitions: partitionsOf(topic) }));
    const most = Math.max(...counts.map(({ partitions }) => partitions));
    for (let partition = 0; partition < most; partition++) {
      const inputs = counts.filter(({ partitions }) => partition < partitions);
      tasks.push(inputs.map(({ topic }) => ({ topic, partition })));
    }
  }
  const text = tasks.map((inputs) => inputs.map(({ topic, partition }) => `${topic}:${partition}`));
  const agreed = JSON.stringify([agreement, text]);
  const fingerprint = createHash('sha256').update(agreed).digest('hex').slice(0, 8);
  return { topic: `${groupId}-tasks`, tasks, fingerprint };
}

/** What these tasks read. */
export function inputsOf({ tasks: all }: TaskLayout, tasks: readonly number[]): TopicPartition[] {
  return tasks.flatMap((task) => all[task] ?? []);
}

/** The sets that share a topic are one; a topic in none of them is a set of its own. */
function joined(topics: readonly string[], together: readonly (readonly string[])[]): string[][] {
  const sets: Set<string>[] = [];
  for (const wanted of [...together, ...topics.map((topic) => [topic])]) {
    const touched = sets.filter((set) => wanted.some((topic) => set.has(topic)));
    const [first, ...others] = touched;
    const set = first ?? new Set<string>();
    if (first === undefined) sets.push(set);
    for (const topic of [...wanted, ...others.flatMap((other) => [...other])]) set.add(topic);
    for (const other of others) sets.splice(sets.indexOf(other), 1);
  }
  const wanted = new Set(topics);
  return sets
    .map((set) => [...set].filter((topic) => wanted.has(topic)).sort())
    .filter((set) => set.length > 0);
}
