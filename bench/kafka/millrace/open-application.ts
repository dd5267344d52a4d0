/** The one place where the programs meet the Kafka driver. */
import { memoryRegistry, StreamsApplication, type Topology } from '#streams';
import { openKafkaLog } from '#streams/kafka';
import { openLocalState } from '#streams/local-state';
import type { ProgramOptions } from './program-options.ts';

export interface OpenedApplication {
  readonly application: StreamsApplication;
  /** Never resolves; rejects with the cause when the application fails. */
  readonly failed: Promise<never>;
  /** Commits what is done, leaves the group, and disconnects. */
  readonly close: () => Promise<void>;
}

export async function openApplication(
  topology: Topology,
  options: ProgramOptions,
): Promise<OpenedApplication> {
  const { bootstrap, application: applicationId, state, cache, sessionMs } = options;
  const log = await openKafkaLog({
    bootstrapServers: bootstrap,
    ...(sessionMs !== undefined && { sessionTimeoutMs: sessionMs }),
  });
  const localState = await openLocalState({ directory: state });
  const { promise: failed, reject: fail } = withReject();
  const application = new StreamsApplication({
    applicationId,
    topology,
    log,
    registry: memoryRegistry(),
    localState,
    ...(cache === 'off' && { cacheMaxBytes: 0 }),
    onStateChange: (now, cause) => {
      if (now === 'error') fail(cause);
    },
  });
  const close = async () => {
    await application.close();
    await log.close();
    await localState.close();
  };
  return { application, failed, close };
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
