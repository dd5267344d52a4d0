/**
 * The writing side of a view. Rows first, each with its offset as its timestamp, so that the newest
 * change of a key wins in whatever order and however often they arrive; then, in one conditional
 * write, the positions. A batch that broke off leaves rows that are ahead of the positions, and is
 * written again. See docs/decisions/0021-views-on-cassandra.md.
 */
import type { AppliedSignal } from '../applied-signal.ts';
import { SinkError } from '../sink-error.ts';
import type { ChangeBatch, Position, ViewWriter } from '../views/view.ts';
import { type Advance, advancesOf } from './advances.ts';
import { isMissingTable, sinkErrorOf } from './cassandra-errors.ts';
import type { Deadline } from './in-parallel.ts';
import type { Step, StoredPosition, ViewRegister, ViewState } from './view-register.ts';

/** Where the rows of a view go. */
export interface RowWriter<K, V> {
  /** Why the tables can never take it; `undefined` when they can. */
  refusal(key: K, value: V | null): string | undefined;
  /** Answers, for each advance, by how many keys the view has more than before. */
  write(
    generation: number,
    advances: readonly Advance<K, V>[],
    deadline: Deadline,
  ): Promise<readonly number[]>;
}

export interface ViewWriterOptions<K, V> {
  readonly register: ViewRegister;
  readonly rows: RowWriter<K, V>;
  readonly signal: AppliedSignal;
  /** A copy's own generation. @defaultValue whichever is live */
  readonly generation?: number;
}

/** So many that what is paid once for a batch, two Paxos rounds, is little beside its rows. */
const preferredChanges = 1_000;
/**
 * After which nothing of a batch is begun any more. A process that was stopped in a batch and wakes up
 * much later writes nothing old.
 */
const batchMs = 30_000;
/** Each time another process has moved the position, or another generation has become live. */
const maxAttempts = 10;

type Role = 'live' | 'copy';

export function viewWriter<K, V>(options: ViewWriterOptions<K, V>): ViewWriter<K, V> {
  const { register, rows, signal } = options;

  /** `false` when something has changed meanwhile: nothing is wrong, but it has to be done again. */
  const attempt = async (batches: readonly ChangeBatch<K, V>[]): Promise<boolean> => {
    const state = await register.state();
    const { generation, role } = placeOf(state, options);
    const positions = positionsOf(state, generation);
    const advances = advancesOf(register.name, batches, positions);
    if (advances.length === 0) return true;
    const deadline = { atMs: performance.now() + batchMs };
    const differences = await rows.write(generation, advances, deadline);
    const steps = advances.map((advance, index) =>
      stepOf(advance, positions, differences[index] ?? 0),
    );
    if (!(await register.advance(generation, role, steps))) return false;
    signal.notify();
    return true;
  };

  const apply = async (batches: readonly ChangeBatch<K, V>[]): Promise<void> => {
    refuseWhatNoTableTakes(options, batches);
    for (let attempts = 0; attempts < maxAttempts; attempts += 1) {
      try {
        if (await attempt(batches)) return;
      } catch (error) {
        // The generation was dropped under our feet: look which is live now.
        if (!isMissingTable(error) || attempts === maxAttempts - 1) throw error;
      }
    }
    throw new Error('other processes write it at the same time');
  };

  return {
    name: register.name,
    preferredChanges,
    positions: async () => {
      try {
        const state = await register.state();
        const stored = positionsOf(state, options.generation ?? state.live);
        return stored.map(({ topic, partition, nextOffset }) => ({ topic, partition, nextOffset }));
      } catch (error) {
        throw sinkErrorOf(error, register.name, []);
      }
    },
    apply: async (batches) => {
      try {
        await apply(batches);
      } catch (error) {
        throw sinkErrorOf(error, register.name, batches);
      }
    },
  };
}

function placeOf<K, V>(
  { live, copy }: ViewState,
  { generation = live }: ViewWriterOptions<K, V>,
): { readonly generation: number; readonly role: Role } {
  if (generation === live) return { generation, role: 'live' };
  if (generation === copy) return { generation, role: 'copy' };
  throw new Error('this copy was given up, or a later one has taken its place');
}

function positionsOf(state: ViewState, generation: number): readonly StoredPosition[] {
  return state.positions.filter((position) => position.generation === generation);
}

function stepOf(
  { topic, partition, from, nextOffset }: Advance<unknown, unknown>,
  positions: readonly (Position & { readonly entryCount: bigint })[],
  difference: number,
): Step {
  const stored = positions.find((known) => known.topic === topic && known.partition === partition);
  const entryCount = (stored?.entryCount ?? 0n) + BigInt(difference);
  return { topic, partition, from, nextOffset, entryCount };
}

/** Before anything is written: a batch is taken whole or not at all. */
function refuseWhatNoTableTakes<K, V>(
  { register, rows }: ViewWriterOptions<K, V>,
  batches: readonly ChangeBatch<K, V>[],
): void {
  for (const { topic, partition, changes } of batches) {
    for (const { key, value, offset } of changes) {
      const reason = rows.refusal(key, value);
      if (reason === undefined) continue;
      throw new SinkError(
        'SINK_REJECTED',
        `view '${register.name}' cannot take ${topic}-${partition} at offset ${offset}: ${reason}`,
      );
    }
  }
}
