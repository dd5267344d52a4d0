/** Opens the log that the profile says. */
import { allTopics } from '#schemas/all-topics';
import { registerSchemas, StreamsError } from '#streams';
import type { Configuration } from '../configuration.ts';
import { ConfigurationError } from '../environment-reader.ts';
import { openEmbedded, readEmbedded } from './embedded-profile.ts';
import type { ShopLog } from './shop-log.ts';

type Profile = Pick<Configuration, 'dataDirectory' | 'cluster'>;

interface ShopProfile extends Profile {
  /** Nobody else does its work: see `openCluster`. */
  readonly isAlone: boolean;
}

/**
 * For the shop, with the schemas and topics of every domain. `onTrouble` hears what the log complains
 * of while it goes on trying.
 */
export async function openShopLog(
  profile: ShopProfile,
  onTrouble: (message: string) => void,
): Promise<ShopLog> {
  const opened = await open(profile, onTrouble);
  try {
    await registerSchemas(allTopics, opened.registry);
    await opened.log.createTopics(allTopics);
  } catch (error) {
    await opened.close();
    throw withRemedy(error);
  }
  return opened;
}

async function open(
  { dataDirectory, cluster, isAlone }: ShopProfile,
  onTrouble: (message: string) => void,
): Promise<ShopLog> {
  if (cluster === undefined) return openEmbedded(dataDirectory);
  // Not before it is asked for: most who run Millrace have no Kafka client.
  const { openCluster } = await import('./cluster-profile.ts');
  return openCluster({ ...cluster, dataDirectory, isAlone }, onTrouble);
}

/** For commands that only read, beside a shop that runs. @throws UsageError when there is no log. */
export async function openLogForReading({ dataDirectory, cluster }: Profile): Promise<ShopLog> {
  if (cluster === undefined) return readEmbedded(dataDirectory);
  const { readCluster } = await import('./cluster-profile.ts');
  return readCluster(cluster);
}

function withRemedy(error: unknown): unknown {
  if (!(error instanceof StreamsError) || error.code !== 'STREAMS_REGISTRY_UNAVAILABLE')
    return error;
  return new ConfigurationError(
    `${error.message}. Start it, or say with MILLRACE_REGISTRY where yours is`,
  );
}
