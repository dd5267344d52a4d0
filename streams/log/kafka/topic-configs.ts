/** Reads the settings of topics. */
import type { CleanupPolicy } from '../../topology/topic.ts';
import type { ConfigsOfTopic } from './admin-client.ts';
import { kafkaError } from './kafka-errors.ts';
import type { SecondAdmin } from './second-admin.ts';

export interface TopicConfig {
  readonly cleanupPolicy: CleanupPolicy;
  readonly retentionMs: number;
  /** The largest batch of records that the topic takes. */
  readonly maxMessageBytes: number;
}

const topicResource = 2;
const configurationKeys = ['cleanup.policy', 'retention.ms', 'max.message.bytes'];

export class TopicConfigs {
  readonly #admin: SecondAdmin;

  constructor(admin: SecondAdmin) {
    this.#admin = admin;
  }

  /** Of topics that exist. */
  async of(topics: readonly string[]): Promise<ReadonlyMap<string, TopicConfig>> {
    if (topics.length === 0) return new Map();
    const resources = topics.map((resourceName) => ({
      resourceType: topicResource,
      resourceName,
      configurationKeys,
    }));
    try {
      const described = await this.#admin.ask((client) => client.describeConfigs({ resources }));
      return new Map(described.map((topic) => [topic.resourceName, configOf(topic)]));
    } catch (error) {
      throw kafkaError('cannot read the settings of topics', error);
    }
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
