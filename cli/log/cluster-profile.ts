/** The cluster profile: log in Kafka, schemas in a registry, state of topologies on this disk. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, StreamsError } from '#streams';
import { confluentRegistry } from '#streams/confluent-registry';
import { type KafkaLogOptions, openKafkaLog } from '#streams/kafka';
import { openLocalState } from '#streams/local-state';
import type { ClusterConfiguration } from '../cluster-configuration.ts';
import { ConfigurationError } from '../environment-reader.ts';
import type { ShopLog } from './shop-log.ts';
import { troubleTeller } from './trouble.ts';

/** As long as a shopper waits for a decision: see `CommandBus.send`. */
const appendTimeoutMs = 5_000;
/** A shop that ends while nobody answers waits for it more than once. */
const commitTimeoutMs = 5_000;
/**
 * Longer than a broker is away. One that comes back and finds that the time of a transaction is over
 * aborts it before it knows who leads which partition, and then leaves partitions out (seen with Kafka 4.3):
 * their readers, and the group, wait for ever. Of a process that is gone its successor ends it at once.
 */
const transactionTimeoutMs = 600_000;

export interface ClusterLogOptions extends ClusterConfiguration {
  readonly dataDirectory: string;
  /** Nobody else takes what this process leaves: it keeps its place in the groups over a restart. */
  readonly isAlone: boolean;
}

/**
 * One that is not alone leaves its groups when it ends, so that the others go on at once; unless it was
 * given a name, which keeps its place free for as long as a session lasts.
 */
export async function openCluster(
  { kafka, registry, dataDirectory, isAlone }: ClusterLogOptions,
  onTrouble: (message: string) => void,
): Promise<ShopLog> {
  const localState = await openLocalState({
    directory: join(dataDirectory, 'state'),
    onDamaged: ({ applicationId, taskId, reason, setAsideTo }) =>
      onTrouble(`state of ${applicationId} ${taskId}: ${reason}; it is kept in '${setAsideTo}'`),
  });
  try {
    const keptId = isAlone ? keptInstanceId(dataDirectory) : undefined;
    const instanceId = kafka.instanceId ?? keptId;
    const log = await openKafka({
      ...kafka,
      appendTimeoutMs,
      commitTimeoutMs,
      transactionTimeoutMs,
      ...(instanceId && { instanceId }),
      onTrouble: troubleTeller(onTrouble),
    });
    const close = async () => {
      await log.close();
      await localState.close();
    };
    return { log, registry: confluentRegistry(registry), localState, close };
  } catch (error) {
    await localState.close();
    throw error;
  }
}

export async function readCluster({ kafka, registry }: ClusterConfiguration): Promise<ShopLog> {
  const log = await openKafka(kafka);
  return {
    log,
    registry: confluentRegistry({ ...registry, retryForMs: 2_000 }),
    close: () => log.close(),
  };
}

async function openKafka(options: KafkaLogOptions): Promise<Log> {
  try {
    return await openKafkaLog(options);
  } catch (error) {
    if (!(error instanceof StreamsError) || error.code !== 'STREAMS_LOG_UNAVAILABLE') throw error;
    throw new ConfigurationError(
      `${error.message}. Start Kafka (\`docker compose up --wait\`, or without Docker ` +
        '`npm run servers -- kafka registry`), or say with MILLRACE_KAFKA where yours is',
    );
  }
}

/**
 * A process and the state on its disk belong together: by a name that stays, the group gives it the
 * tasks again that it had before a restart.
 */
function keptInstanceId(dataDirectory: string): string {
  const path = join(dataDirectory, 'instance-id');
  if (!existsSync(path)) {
    mkdirSync(dataDirectory, { recursive: true });
    writeFileSync(path, `${randomUUID()}\n`);
  }
  return readFileSync(path, 'utf8').trim();
}
