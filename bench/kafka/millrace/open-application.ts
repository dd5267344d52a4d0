/** The one place where the programs meet the Kafka driver. */
import { type Application, type Log, memoryRegistry, StreamsApplication } from '#streams';
import { openKafkaLog } from '#streams/kafka';
import { openLocalState } from '#streams/local-state';
import { ThreadedStreamsApplication } from '#streams/threads';
import type { ProgramOptions } from './program-options.ts';
import programTopology from './program-topology.ts';

export interface OpenedApplication {
  readonly application: Application;
  /** Never resolves; rejects with the cause when the application fails. */
  readonly failed: Promise<never>;
  /** Commits what is done, leaves the group, and disconnects. */
  readonly close: () => Promise<void>;
}

export async function openApplication(options: ProgramOptions): Promise<OpenedApplication> {
  const { bootstrap, sessionMs, threads } = options;
  const log = await openKafkaLog({
    bootstrapServers: bootstrap,
    ...(sessionMs !== undefined && { sessionTimeoutMs: sessionMs }),
  });
  const { promise: failed, reject: fail } = withReject();
  const inThreads = threads > 1;
  const { application, closeState } = await (inThreads ? threaded : alone)(log, options, fail);
  const close = async () => {
    await application.close();
    await log.close();
    await closeState();
  };
  return { application, failed, close };
}

async function alone(log: Log, options: ProgramOptions, fail: (cause: unknown) => void) {
  const localState = await openLocalState({ directory: options.state });
  const application = new StreamsApplication({
    ...common(log, options, fail),
    topology: programTopology(options),
    localState,
  });
  return { application, closeState: () => localState.close() };
}

async function threaded(log: Log, options: ProgramOptions, fail: (cause: unknown) => void) {
  const { program, prefix, output, threads, state } = options;
  const application = new ThreadedStreamsApplication({
    ...common(log, options, fail),
    topology: {
      module: new URL('./program-topology.ts', import.meta.url),
      data: { program, prefix, output },
    },
    threads,
    stateDirectory: state,
  });
  return { application, closeState: async () => undefined };
}

function common(
  log: Log,
  { application: applicationId, cache, warmUp, standbys }: ProgramOptions,
  fail: (cause: unknown) => void,
) {
  return {
    applicationId,
    log,
    registry: memoryRegistry(),
    standbyReplicas: standbys,
    ...(cache === 'off' && { cacheMaxBytes: 0 }),
    ...(warmUp === 'off' && { warmupTimeoutMs: 0 }),
    onStateChange: (now: Application['state'], cause?: unknown) => {
      if (now === 'error') fail(cause);
    },
  };
}

function withReject(): {
  readonly promise: Promise<never>;
  readonly reject: (cause: unknown) => void;
} {
  let reject: (cause: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
}
