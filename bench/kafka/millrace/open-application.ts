/** The one place where the programs meet the Kafka driver. */
import { type Log, memoryRegistry, StreamsApplication, type Topology } from '#streams';
import type { ProgramOptions } from './program-options.ts';

/** What is used of the driver's front door, which is loaded when a program runs, and not before. */
interface KafkaDriver {
  readonly openKafkaLog: (options: {
    readonly bootstrapServers: string;
    readonly sessionTimeoutMs?: number;
  }) => Promise<Log>;
}

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
  const { openKafkaLog } = (await import('#streams/kafka' as string)) as KafkaDriver;
  const { bootstrap, application: applicationId, state, threads, cache, sessionMs } = options;
  const log = await openKafkaLog({
    bootstrapServers: bootstrap,
    ...(sessionMs !== undefined && { sessionTimeoutMs: sessionMs }),
  });
  const settings = { stateDirectory: state, threads, ...(cache === 'off' && { cacheBytes: 0 }) };
  const { promise: failed, reject: fail } = withReject();
  const application = new StreamsApplication({
    applicationId,
    topology,
    log,
    registry: memoryRegistry(),
    ...settings,
    onStateChange: (now, cause) => {
      if (now === 'error') fail(cause);
    },
  });
  const close = async () => {
    await application.close();
    await log.close();
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
