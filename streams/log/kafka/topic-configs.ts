/**
 * Reads the settings of topics, which the client has no call for: through the admin client of
 * @platformatic/kafka, a part of the optional client.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { CleanupPolicy } from '../../topology/topic.ts';
import type { KafkaConnection } from './connection-settings.ts';
import { kafkaError } from './kafka-errors.ts';

export interface TopicConfig {
  readonly cleanupPolicy: CleanupPolicy;
  readonly retentionMs: number;
  /** The largest batch of records that the topic takes. */
  readonly maxMessageBytes: number;
}

interface ConfigsOfTopic {
  readonly resourceName: string;
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

interface ConfigAdmin {
  describeConfigs(options: object): Promise<readonly ConfigsOfTopic[]>;
  close(): Promise<void>;
}

const topicResource = 2;
const configurationKeys = ['cleanup.policy', 'retention.ms', 'max.message.bytes'];

export class TopicConfigs {
  readonly #connection: KafkaConnection;
  #admin: Promise<ConfigAdmin> | undefined;

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
  }

  /** Of topics that exist. */
  async of(topics: readonly string[]): Promise<ReadonlyMap<string, TopicConfig>> {
    if (topics.length === 0) return new Map();
    const resources = topics.map((resourceName) => ({
      resourceType: topicResource,
      resourceName,
      configurationKeys,
    }));
    this.#admin ??= openAdmin(this.#connection);
    try {
      const described = await (await this.#admin).describeConfigs({ resources });
      return new Map(described.map((topic) => [topic.resourceName, configOf(topic)]));
    } catch (error) {
      throw kafkaError('cannot read the settings of topics', error);
    }
  }

  async close(): Promise<void> {
    const admin = await this.#admin?.catch(() => undefined);
    await admin?.close();
  }
}

function configOf({ configs }: ConfigsOfTopic): TopicConfig {
  const value = (name: string) => configs.find((config) => config.name === name)?.value ?? '';
  const policies = value('cleanup.policy')
    .split(',')
    .map((policy) => policy.trim());
  return {
    cleanupPolicy: policies.sort().join(',') as CleanupPolicy,
    retentionMs: Number(value('retention.ms')),
    maxMessageBytes: Number(value('max.message.bytes')),
  };
}

async function openAdmin(connection: KafkaConnection): Promise<ConfigAdmin> {
  const { Admin } = (await import(adminModule())) as {
    readonly Admin: new (options: object) => ConfigAdmin;
  };
  const { bootstrapServers, clientId = 'millrace', security } = connection;
  const { tls, sasl } = security ?? {};
  return new Admin({
    clientId,
    bootstrapBrokers: bootstrapServers.split(','),
    ...(tls === undefined ? {} : { tls: tls === true ? {} : tlsOptions(tls) }),
    ...(sasl === undefined ? {} : { sasl }),
  });
}

function tlsOptions(
  tls: Exclude<NonNullable<KafkaConnection['security']>['tls'], true | undefined>,
) {
  const { ca, certificate: cert, key, keyPassword: passphrase } = tls;
  return { ca, cert, key, passphrase };
}

function adminModule(): string {
  const folder = new URL('./client/package.json', import.meta.url);
  return pathToFileURL(createRequire(folder).resolve('@platformatic/kafka')).href;
}
