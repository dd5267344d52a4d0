/** The servers that a shop of a profile needs beside itself, and what its environment says of them. */
import { type KafkaServers, startKafka } from './kafka/start-kafka.ts';
import { startRegistry } from './registry/start-registry.ts';

export const profiles = ['embedded', 'cluster'] as const;
export type Profile = (typeof profiles)[number];

export interface ShopServers {
  /** Of every command of `millrace` that is to use them. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of the cluster profile. */
  readonly kafka?: KafkaServers;
  stop(): Promise<void>;
}

/** A Kafka and a registry of its own for the cluster profile, empty and gone at the end; or nothing. */
export async function startShopServers(profile: Profile): Promise<ShopServers> {
  if (profile === 'embedded')
    return { environment: { MILLRACE_PROFILE: profile }, stop: async () => {} };
  const [kafka, registry] = await Promise.all([startKafka(), startRegistry()]);
  return {
    kafka,
    environment: {
      MILLRACE_PROFILE: profile,
      MILLRACE_KAFKA: kafka.bootstrapServers,
      MILLRACE_REGISTRY: registry.url,
    },
    async stop() {
      await registry.stop();
      await kafka.stop();
    },
  };
}
