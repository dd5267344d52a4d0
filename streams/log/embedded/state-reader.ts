/** Reads the state of an embedded log in a thread that is not the one that writes it. */
import type { SharedStateStorage } from '../../state/storage.ts';
import { StoredState } from '../in-process/stored-state.ts';
import { LmdbStorage } from './lmdb-storage.ts';

/** `path`: of the environment, open for writing in another thread of this process. */
export function openSharedState({ path }: { readonly path: string }): SharedStateStorage {
  const storage = new LmdbStorage({ path, readOnly: true });
  const state = new StoredState(storage);
  return {
    openTask: (applicationId, taskId) => state.openTask(applicationId, taskId),
    renew: () => storage.renewSnapshot(),
    close: () => storage.close(),
  };
}
