/**
 * The admin client of @platformatic/kafka, a part of the optional client. It does what the native
 * one has no call for (settings of topics), and what ends the process there with SIGSEGV (1.10.1, with
 * librdkafka 2.15.1): for offsets of a group whose coordinator has moved it looks for its own place in
 * a group, which only a consumer has (rd_kafka_handle_OffsetFetch, from rd_kafka_cgrp_op); of members
 * that no broker answers for it makes a string out of a null pointer.
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

export interface GroupOffsetsByTopic {
  readonly groupId: string;
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly {
      readonly partitionIndex: number;
      /** Below 0: none. */
      readonly committedOffset: bigint;
      readonly metadata: string | null;
    }[];
  }[];
}

export interface AdminClient {
  describeConfigs(options: object): Promise<readonly ConfigsOfTopic[]>;
  describeGroups(options: {
    readonly groups: readonly string[];
  }): Promise<ReadonlyMap<string, { readonly members: ReadonlyMap<string, DescribedGroupMember> }>>;
  /** Fails for all when the offset of one is in a transaction that is not decided, if that is asked. */
  listConsumerGroupOffsets(options: {
    readonly groups: readonly {
      readonly groupId: string;
      readonly topics: readonly {
        readonly name: string;
        readonly partitionIndexes: readonly number[];
      }[];
    }[];
    readonly requireStable: boolean;
  }): Promise<readonly GroupOffsetsByTopic[]>;
  close(): Promise<void>;
}

/**
 * The broker that was to be asked joined the cluster, or came back to it, after this client had read who is in it.
 * Only a new client reads that anew.
 */
export class BrokerUnknown extends Error {
  override readonly name = 'BrokerUnknown';
}

/** The part of the package that is used here; its types need not be installed. */
export interface AdminPackage {
  readonly Admin: new (options: object) => AdminClient;
  /** The method of a client that connects to a broker of its metadata. */
  readonly kGetConnection: symbol;
}

type Connect = (
  broker: object,
  callback: (error: Error | null, connection?: object) => void,
) => void;

export async function openAdmin(connection: KafkaConnection): Promise<AdminClient> {
  const CarefulAdmin = careful(await packageOfAdmin());
  const { bootstrapServers, clientId = 'millrace', security } = connection;
  const { tls, sasl } = security ?? {};
  return new CarefulAdmin({
    clientId,
    bootstrapBrokers: bootstrapServers.split(','),
    // `ask` does it, sooner.
    retries: 0,
    ...(tls === undefined ? {} : { tls: tls === true ? {} : tlsOptions(tls) }),
    ...(sasl === undefined ? {} : { sasl }),
  });
}

/**
 * 1.35 throws where nobody can catch it, and so ends the process, when the coordinator of a group is a broker that it
 * does not know.
 */
function careful({ Admin, kGetConnection }: AdminPackage): AdminPackage['Admin'] {
  const connect = Admin.prototype[kGetConnection] as Connect;
  class CarefulAdmin extends Admin {}
  const checked: Connect = function (this: AdminClient, broker, callback) {
    if (broker === undefined) callback(new BrokerUnknown('the coordinator is no known broker'));
    else connect.call(this, broker, callback);
  };
  Object.defineProperty(CarefulAdmin.prototype, kGetConnection, { value: checked });
  return CarefulAdmin;
}

function tlsOptions(
  tls: Exclude<NonNullable<KafkaConnection['security']>['tls'], true | undefined>,
) {
  const { ca, certificate: cert, key, keyPassword: passphrase } = tls;
  return { ca, cert, key, passphrase };
}

export async function packageOfAdmin(): Promise<AdminPackage> {
  const folder = new URL('./client/package.json', import.meta.url);
  const module = createRequire(folder).resolve('@platformatic/kafka');
  return import(pathToFileURL(module).href);
}
