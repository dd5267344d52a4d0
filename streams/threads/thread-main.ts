/**
 * What runs in a stream thread: an ordinary application, on the log of the main thread seen over a
 * port, told when to start and when to close.
 */
import { workerData } from 'node:worker_threads';
import { StreamsError } from '../errors.ts';
import type { Log } from '../log/log.ts';
import type { HostMethods } from '../log/remote/log-calls.ts';
import { packError } from '../log/remote/packed-error.ts';
import { packCommit } from '../log/remote/packed-records.ts';
import { PortCalls } from '../log/remote/port-calls.ts';
import { openRemoteLog } from '../log/remote/remote-log.ts';
import type { QueriedTask } from '../runtime/store-query.ts';
import { StreamsApplication } from '../runtime/streams-application.ts';
import type { LocalStateStorage } from '../state/local-state.ts';
import { remoteRegistry } from './remote-registry.ts';
import {
  type MainMethods,
  reportEveryMs,
  type ThreadData,
  type ThreadMethods,
} from './thread-calls.ts';
import { loadTopology } from './topology-module.ts';

/** Entries of a store that go in one message. */
const entriesAtOnce = 1_000;

const { port, config, topology: from, stateDirectory } = workerData as ThreadData;
const main = new PortCalls<MainMethods & HostMethods>(port);
let log: Log | undefined;
let application: StreamsApplication | undefined;
let localState: LocalStateStorage | undefined;

main.answer({
  start,
  close,

  async get({ taskId, store, key }) {
    const value = await taskOf(taskId, store).storage.get(store, key);
    return value && new Uint8Array(value); // A clone of a view would clone all that it views.
  },

  async entries({ taskId, store, from, to }) {
    const writes: { store: string; key: Uint8Array; value: Uint8Array }[] = [];
    for await (const [key, value] of taskOf(taskId, store).storage.range(store, from, to)) {
      writes.push({ store, key, value });
      if (writes.length === entriesAtOnce) break;
    }
    return packCommit({ outputs: [], offsets: [], state: [{ taskId, writes }] }, true);
  },
} satisfies ThreadMethods);

async function start(): Promise<void> {
  const topology = await loadTopology({ ...from, module: new URL(from.module) });
  log = await openRemoteLog(main, report);
  if (stateDirectory !== undefined && !log.commitsState) {
    const { openLocalState } = await import('../state/lmdb/index.ts');
    localState = await openLocalState({ directory: stateDirectory });
  }
  application = new StreamsApplication({
    ...config,
    ...(localState && { localState }),
    topology,
    log,
    registry: remoteRegistry(main),
    onStateChange: report,
    onRecordsLost: (lost) => main.tell('recordsLost', lost),
  });
  setInterval(report, reportEveryMs).unref();
  await application.start();
}

async function close(): Promise<void> {
  await application?.close();
  report();
  await log?.close();
  await localState?.close();
}

function report(): void {
  if (application === undefined) return;
  const { state, cause } = application;
  const packed = cause === undefined ? undefined : packError(cause);
  main.tell('report', { state, cause: packed, metrics: application.metrics() });
}

function taskOf(taskId: string, store: string): QueriedTask {
  const found = application?.tasksWith(store).find((task) => task.taskId === taskId);
  if (found !== undefined) return found;
  const message = `store '${store}' cannot be read now: task ${taskId} has moved`;
  throw new StreamsError('STREAMS_STORE_UNAVAILABLE', message, { retryable: true });
}
