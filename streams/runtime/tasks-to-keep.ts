/** Which tasks a member goes on with that the group has given to another one. */
import type { StreamsConfig } from '../config.ts';
import type { TaskState } from './task-state.ts';

/**
 * Those whose state takes a while to copy. Of one that cannot be told how long it is, it is assumed.
 *
 * @see KIP-441
 */
export async function worthKeeping<T extends { readonly state: TaskState | undefined }>(
  tasks: readonly T[],
  config: Pick<StreamsConfig, 'acceptableRecoveryLag' | 'warmupTimeoutMs'>,
): Promise<readonly T[]> {
  if (config.warmupTimeoutMs === 0) return [];
  const acceptable = BigInt(config.acceptableRecoveryLag);
  const isWorth = await Promise.all(
    tasks.map(async ({ state }) => {
      if (state === undefined || state.changelogs.length === 0) return false;
      const span = await state.span().catch(() => undefined);
      return span === undefined || span > acceptable;
    }),
  );
  return tasks.filter((_, i) => isWorth[i]);
}
