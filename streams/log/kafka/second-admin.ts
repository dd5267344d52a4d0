/**
 * The admin client of @platformatic/kafka, a part of the optional client. It does what the native
 * one has no call for (settings of topics), and what ends the process there: asked for a group whose
 * coordinator is moving, 1.10.1 makes a string of a null pointer.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { KafkaConnection } from './connection-settings.ts';

export interface ConfigsOfTopic {
  readonly resourceName: string;
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

export interface DescribedGroupMember {
  readonly id: string;
  readonly clientId: string;
  /** By topic; absent while the group is rebalancing. */
  readonly assignments?: ReadonlyMap<
    string,
    { readonly topic: string; readonly partitions?: readonly number[] }
  >;
}

interface AdminClient {
  describeConfigs(options: object): Promise<readonly ConfigsOfTopic[]>;
  describeGroups(options: {
    readonly groups: readonly string[];
  }): Promise<ReadonlyMap<string, { readonly members: ReadonlyMap<string, DescribedGroupMember> }>>;
  close(): Promise<void>;
}

export class SecondAdmin {
  readonly #connection: KafkaConnection;
  #client: Promise<AdminClient> | undefined;

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
  }

  /** Connected when it is first asked. */
  get client(): Promise<AdminClient> {
    this.#client ??= openAdmin(this.#connection);
    return this.#client;
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    await client?.close();
  }
}

async function openAdmin(connection: KafkaConnection): Promise<AdminClient> {
  const { Admin } = (await import(adminModule())) as {
    readonly Admin: new (options: object) => AdminClient;
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
