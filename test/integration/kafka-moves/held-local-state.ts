/** Local state that takes no copies while it is held: a disk as slow as a test wants it to be. */
import type { LocalStateStorage, LocalTaskStorage } from '#streams';

export interface Hold {
  /** Resolves when copies may be written; at once when they always may. */
  readonly released: Promise<void>;
}

export function heldLocalState(state: LocalStateStorage, { released }: Hold): LocalStateStorage {
  return {
    openTask: async (applicationId, taskId) => held(await state.openTask(applicationId, taskId)),
    tasks: (applicationId) => state.tasks(applicationId),
    removeTask: (applicationId, taskId) => state.removeTask(applicationId, taskId),
    close: () => state.close(),
  };

  function held(task: LocalTaskStorage): LocalTaskStorage {
    return {
      get positions() {
        return task.positions;
      },
      get: (store, key) => task.get(store, key),
      range: (store, from, to) => task.range(store, from, to),
      async apply(writes, positions) {
        if (positions.size > 0) await released;
        await task.apply(writes, positions);
      },
      clear: () => task.clear(),
      close: () => task.close(),
    };
  }
}
