/** What a thread needs for tasks whose state is kept here: to open, restore, stand by, look after. */
import type { StreamsConfig } from '../config.ts';
import type { Log } from '../log/log.ts';
import type { LocalStateStorage } from '../state/local-state.ts';
import type { Topology } from '../topology/topology.ts';
import { type StandbyReport, StandbyTasks } from './standby-tasks.ts';
import { StateUpkeep } from './state-upkeep.ts';
import { placesOf } from './task-places.ts';
import { type RestoreProgress, TaskRestorer } from './task-restorer.ts';
import type { TaskState } from './task-state.ts';
import { TaskStates } from './task-states.ts';

export interface LocalStatesOptions {
  readonly topology: Topology;
  readonly config: StreamsConfig;
  readonly log: Log;
  readonly localState: LocalStateStorage;
  readonly clock: () => number;
  /** Partitions of each topic, by its name in the log. */
  readonly partitionCounts: ReadonlyMap<string, number>;
  readonly restoreProgressed: (progress: RestoreProgress) => void;
  /** States of the tasks that run. */
  readonly running: () => readonly TaskState[];
}

export interface StateMetrics {
  readonly restoredRecords: number;
  readonly restoredBytes: number;
  readonly restoring: readonly RestoreProgress[];
  readonly standbys: readonly StandbyReport[];
  readonly standbyFailures: number;
}

export const noStateMetrics: StateMetrics = {
  restoredRecords: 0,
  restoredBytes: 0,
  restoring: [],
  standbys: [],
  standbyFailures: 0,
};

export class LocalStates {
  readonly states: TaskStates;
  readonly restorer: TaskRestorer;
  readonly standbys: StandbyTasks;
  readonly #upkeep: StateUpkeep;

  constructor(options: LocalStatesOptions) {
    const { topology, config, log, localState, clock } = options;
    const { applicationId, standbyReplicas, acceptableRecoveryLag, stateCleanupDelayMs } = config;
    this.states = new TaskStates({ applicationId, topology, log, localState });
    const { states } = this;
    this.standbys = new StandbyTasks({
      log,
      states,
      clock,
      replicas: standbyReplicas,
      acceptableLag: acceptableRecoveryLag,
      isTaken: (taskId) => this.restorer.has(taskId),
      tasks: placesOf(options).filter(({ sub }) => states.changelogs(sub).length > 0),
    });
    this.restorer = new TaskRestorer({
      log,
      groupId: applicationId,
      states,
      clock,
      takeOver: (taskId) => this.standbys.takeOver(taskId),
      progressed: options.restoreProgressed,
    });
    this.#upkeep = new StateUpkeep({
      applicationId,
      localState,
      clock,
      cleanupDelayMs: stateCleanupDelayMs,
      isOpen: (taskId) => states.isOpen(taskId),
      complete: async () => {
        const running = options.running();
        // Their owner is complete, if it is one: cut off from the log it may not be.
        await Promise.all(running.map((state) => state.ends()));
        return [...running, ...(await this.standbys.complete())];
      },
    });
  }

  get metrics(): StateMetrics {
    const { restoredRecords, restoredBytes, progress: restoring } = this.restorer;
    const { reports: standbys, failures: standbyFailures } = this.standbys;
    return { restoredRecords, restoredBytes, restoring, standbys, standbyFailures };
  }

  async close(): Promise<void> {
    await this.#upkeep.close();
    await this.restorer.close();
    await this.standbys.close();
    await this.states.closeAll();
  }
}
