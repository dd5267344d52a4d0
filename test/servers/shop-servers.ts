/** The servers that a shop of a profile needs beside itself, and what its environment says of them. */
import { type KafkaOptions, type KafkaServers, startKafka } from './kafka/start-kafka.ts';
import { startRegistry } from './registry/start-registry.ts';
import { type StoreServers, startShopStores } from './shop-stores.ts';

export const profiles = ['embedded', 'cluster'] as const;
export type Profile = (typeof profiles)[number];

export interface ShopServers {
  /** Of every command of `millrace` that is to use them. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of the cluster profile. */
  readonly kafka?: KafkaServers;
  /** Of the cluster profile with its views on servers. */
  readonly stores?: StoreServers | undefined;
  stop(): Promise<void>;
}

export interface ShopServersOptions extends Pick<KafkaOptions, 'nodes' | 'security' | 'optimizes'> {
  /** Where the views of the cluster profile are. @defaultValue `servers` */
  readonly views?: 'servers' | 'files';
}

/** Servers of its own for the cluster profile, empty and gone at the end; or nothing. */
export async function startShopServers(
  profile: Profile,
  { views = 'servers', ...options }: ShopServersOptions = {},
): Promise<ShopServers> {
  if (profile === 'embedded')
    return { environment: { MILLRACE_PROFILE: profile }, stop: async () => {} };
  const [kafka, registry, stores] = await Promise.all([
    startKafka(options),
    startRegistry(),
    views === 'servers' ? startShopStores() : undefined,
  ]);
  return {
    kafka,
    stores: stores?.servers,
    environment: {
      MILLRACE_PROFILE: profile,
      ...kafkaEnvironment(kafka),
      MILLRACE_KAFKA_REPLICATION: String(options.nodes ?? 1),
      MILLRACE_REGISTRY: registry.url,
      MILLRACE_VIEWS: views,
      ...stores?.environment,
    },
    async stop() {
      await stores?.stop();
      await registry.stop();
      await kafka.stop();
    },
  };
}

/** By the way in that asks most of a client. */
function kafkaEnvironment({ bootstrapServers, security }: KafkaServers) {
  if (security === undefined) return { MILLRACE_KAFKA: bootstrapServers };
  return {
    MILLRACE_KAFKA: security.saslBootstrapServers,
    MILLRACE_KAFKA_TLS_CA: security.certificateFile,
    MILLRACE_KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    MILLRACE_KAFKA_SASL_USERNAME: security.username,
    MILLRACE_KAFKA_SASL_PASSWORD: security.password,
  };
}
