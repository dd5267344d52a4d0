/** What an administrator does to a cluster while applications run on it. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** `topic` settings, as Kafka names them. */
export type TopicConfigChange = Readonly<Record<string, string>>;

/** What a principal may do with what; names are those of Kafka's ACLs. */
export interface AccessRight {
  readonly resource: 'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID';
  /** `*`: every one. */
  readonly name: string;
  readonly operation: 'READ' | 'WRITE' | 'CREATE' | 'DESCRIBE' | 'DESCRIBE_CONFIGS' | 'ALL';
}

type Named = Readonly<Record<string, number>>;

interface Admin {
  deleteTopics(options: { topics: string[] }): Promise<void>;
  incrementalAlterConfigs(options: object): Promise<void>;
  deleteRecords(options: object): Promise<unknown>;
  createAcls(options: object): Promise<void>;
  deleteAcls(options: object): Promise<unknown>;
  close(): Promise<void>;
}

interface Client {
  readonly Admin: new (options: object) => Admin;
  readonly ResourceTypes: Named;
  readonly AclOperations: Named;
  readonly AclPermissionTypes: Named;
  readonly ResourcePatternTypes: Named;
  readonly ConfigResourceTypes: Named;
  readonly IncrementalAlterConfigOperationTypes: Named;
}

export class Administrator {
  readonly #client: Client;
  readonly #admin: Admin;

  constructor(client: Client, bootstrapServers: string) {
    this.#client = client;
    const bootstrapBrokers = bootstrapServers.split(',');
    this.#admin = new client.Admin({ clientId: 'administrator', bootstrapBrokers });
  }

  deleteTopic(topic: string): Promise<void> {
    return this.#admin.deleteTopics({ topics: [topic] });
  }

  async changeTopic(topic: string, change: TopicConfigChange): Promise<void> {
    const { ConfigResourceTypes, IncrementalAlterConfigOperationTypes } = this.#client;
    const configs = Object.entries(change).map(([name, value]) => ({
      name,
      value,
      configOperation: IncrementalAlterConfigOperationTypes['SET'],
    }));
    const resourceType = ConfigResourceTypes['TOPIC'];
    await this.#admin.incrementalAlterConfigs({
      resources: [{ resourceType, resourceName: topic, configs }],
    });
  }

  /** As retention would, up to the end of each partition. */
  async deleteRecords(topic: string, partitions: number): Promise<void> {
    const all = Array.from({ length: partitions }, (_, partition) => ({ partition, offset: -1n }));
    await this.#admin.deleteRecords({ topics: [{ name: topic, partitions: all }] });
  }

  async allow(user: string, rights: readonly AccessRight[]): Promise<void> {
    await this.#admin.createAcls({ creations: rights.map((right) => this.#acl(user, right)) });
  }

  async disallow(user: string, rights: readonly AccessRight[]): Promise<void> {
    await this.#admin.deleteAcls({ filters: rights.map((right) => this.#acl(user, right)) });
  }

  close(): Promise<void> {
    return this.#admin.close();
  }

  #acl(user: string, { resource, name, operation }: AccessRight) {
    const { ResourceTypes, ResourcePatternTypes, AclOperations, AclPermissionTypes } = this.#client;
    return {
      resourceType: ResourceTypes[resource],
      resourceName: name,
      resourcePatternType: ResourcePatternTypes['LITERAL'],
      principal: `User:${user}`,
      host: '*',
      operation: AclOperations[operation],
      permissionType: AclPermissionTypes['ALLOW'],
    };
  }
}

/** Comes in without security. */
export async function openAdministrator(bootstrapServers: string): Promise<Administrator> {
  const folder = new URL('../../../streams/log/kafka/client/package.json', import.meta.url);
  const module = pathToFileURL(createRequire(folder).resolve('@platformatic/kafka')).href;
  return new Administrator((await import(module)) as Client, bootstrapServers);
}
