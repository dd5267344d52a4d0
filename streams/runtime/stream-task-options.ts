/** What a task is made of, and what it tells of itself. */
import type { ProducedRecord } from '../log/log.ts';
import type { CacheBudget } from '../state/cache-budget.ts';
import type { GlobalTableStore } from '../state/global-table-store.ts';
import type { TaskStorage } from '../state/storage.ts';
import type { Topology } from '../topology/topology.ts';
import type { BoundSerdes } from './bound-serdes.ts';
import type { NodeMetrics } from './compiled-nodes.ts';

export interface StreamTaskOptions {
  readonly topology: Topology;
  readonly subTopologyId: number;
  readonly partition: number;
  readonly applicationId: string;
  /** The committed state of this task. */
  readonly storage: TaskStorage;
  readonly serdes: BoundSerdes;
  /** By the table's name; fed by the runtime. */
  readonly globalTables: ReadonlyMap<string, GlobalTableStore<unknown, unknown>>;
  /** Milliseconds since the Unix epoch. */
  readonly clock: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Partitions of a topic, by its name in the log. */
  readonly partitionCount: (topic: string) => number;
  /**
   * How long to wait for a record from an empty input, in milliseconds. 0 waits only for what the
   * log is known to hold; -1 for nothing. @defaultValue 0 @see max.task.idle.ms
   */
  readonly taskIdleMs?: number;
  /** Throws when the log would refuse an output: then its record fails, not the whole commit. */
  readonly checkOutput?: (record: ProducedRecord) => void;
  /** Where failed records go. @defaultValue `<application>-dead-letters` */
  readonly deadLetterTopic?: string;
  /** Whether commits carry changelog records: for a log that does not commit state itself. */
  readonly changelogs?: boolean;
  /** For what the caches of tables hold back. @defaultValue nothing is held back */
  readonly cacheBudget?: CacheBudget | undefined;
}

export interface TaskMetrics {
  readonly nodes: readonly NodeMetrics[];
  /** Records that went to the dead-letter topic. */
  readonly deadLetters: number;
  readonly streamTimeMs: number;
  readonly lag: bigint;
  readonly caches: readonly CacheMetrics[];
}

/** What the cache of one table has taken in and let out: the difference was saved downstream. */
export interface CacheMetrics {
  readonly store: string;
  readonly updates: number;
  readonly sent: number;
}
