/**
 * A real Kafka for tests and benches: one node or three, each of which can be killed and come back,
 * on ports that nobody uses, in a folder that goes away with it.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, requireFree } from '../free-ports.ts';
import { findJava } from '../java.ts';
import { kafkaJars } from '../server-files.ts';
import { openTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { KafkaNode } from './kafka-node.ts';
import {
  clusterProperties,
  type ListenerName,
  listenerNames,
  type NodeAddress,
  nodeProperties,
  type Properties,
} from './kafka-properties.ts';
import {
  type Certificate,
  makeCertificate,
  scramUserArguments,
  securityProperties,
  securityUser,
} from './kafka-security.ts';

export interface KafkaOptions {
  /** @defaultValue 1 */
  readonly nodes?: 1 | 3;
  /** Opens two more ways in: TLS, and SASL over TLS. @defaultValue false */
  readonly security?: boolean;
  /** Opens one more way in, by a proxy for each node. @defaultValue false */
  readonly proxied?: boolean;
  /** Kept, with its data, for another start. @defaultValue a temporary folder */
  readonly directory?: string;
  /** Added to every node's properties, in the place of ours. */
  readonly properties?: Properties;
  /** Where the first node listens; further ones take the next. @defaultValue free ports */
  readonly port?: number;
  /** Of each node. @defaultValue 512 */
  readonly heapMegabytes?: number;
  /**
   * Whether Java compiles well what runs often, for benchmarks and servers that stay. A node that lives for
   * minutes spends half of its processor time on that. @defaultValue false
   */
  readonly optimizes?: boolean;
}

export interface KafkaServers {
  /** Without security. */
  readonly bootstrapServers: string;
  readonly nodes: readonly KafkaNode[];
  /** Undefined without the option. */
  readonly security: KafkaSecurity | undefined;
  /** Undefined without the option. */
  readonly proxied: ProxiedKafka | undefined;
  /** Stops every node that runs, and removes a temporary folder. */
  stop(): Promise<void>;
}

export interface ProxiedKafka {
  /** Without security. Only clients come this way: the nodes reach each other without a proxy. */
  readonly bootstrapServers: string;
  /** In the order of the nodes. */
  readonly proxies: readonly TcpProxy[];
}

export interface KafkaSecurity {
  /** For `security.protocol` `ssl`. */
  readonly tlsBootstrapServers: string;
  /** For `sasl_ssl` with PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. */
  readonly saslBootstrapServers: string;
  /** PEM. A client has to be told to trust it. */
  readonly certificateFile: string;
  readonly username: string;
  readonly password: string;
}

/** Resolves when every node is ready. Fails with the end of a node's log, and none runs then. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServers> {
  const installation = { jars: await kafkaJars(), java: findJava(17, 'Kafka') };
  const addresses = await nodeAddresses(options.nodes ?? 1, options.port);
  await Promise.all(addresses.map(({ ports }) => requireFree(ports.PLAINTEXT)));
  const folders = makeFolders(options.directory);
  const certificate = options.security ? makeCertificate(folders.directory) : undefined;
  const proxies = options.proxied ? await openProxies(addresses) : [];
  const listeners: readonly ListenerName[] = [
    ...withoutSecurity,
    ...(certificate ? (['TLS', 'SASL'] as const) : []),
    ...(options.proxied ? (['PROXIED'] as const) : []),
  ];

  const nodes = addresses.map((address, index) => {
    const folder = join(folders.directory, `node-${address.id}`);
    return new KafkaNode({
      ...installation,
      id: address.id,
      port: address.ports.PLAINTEXT,
      folder,
      temporaryFolder: folders.temporary,
      properties: {
        ...clusterProperties(addresses.length),
        ...nodeProperties(address, addresses, {
          listeners,
          dataFolder: join(folder, 'data'),
          proxyPort: proxies[index]?.port,
        }),
        ...(certificate && securityProperties(certificate)),
        ...options.properties,
      },
      heapMegabytes: options.heapMegabytes ?? 512,
      optimizes: options.optimizes ?? false,
      formatArguments: certificate ? scramUserArguments() : [],
    });
  });

  const stop = async () => {
    await stopNodes(nodes, folders.temporary);
    await Promise.all(proxies.map((proxy) => proxy.close()));
  };
  try {
    await Promise.all(nodes.map((node) => node.prepare()));
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    bootstrapServers: bootstrapServers(addresses, 'PLAINTEXT'),
    nodes,
    security: certificate && kafkaSecurity(addresses, certificate),
    proxied: options.proxied ? { bootstrapServers: proxiedServers(proxies), proxies } : undefined,
    stop,
  };
}

const withoutSecurity: readonly ListenerName[] = ['PLAINTEXT', 'CONTROLLER'];

async function nodeAddresses(count: number, port: number | undefined): Promise<NodeAddress[]> {
  const free = await freePorts(count * listenerNames.length);
  return Array.from({ length: count }, (_, index) => {
    const ports = free.splice(0, listenerNames.length);
    const [plaintext = 0, controller = 0, tls = 0, sasl = 0, proxied = 0] = ports;
    const byName = {
      PLAINTEXT: port === undefined ? plaintext : port + index,
      CONTROLLER: controller,
      TLS: tls,
      SASL: sasl,
      PROXIED: proxied,
    };
    return { id: index + 1, ports: byName };
  });
}

function openProxies(addresses: readonly NodeAddress[]): Promise<TcpProxy[]> {
  return Promise.all(addresses.map(({ ports }) => openTcpProxy(ports.PROXIED)));
}

function makeFolders(directory: string | undefined) {
  if (directory !== undefined) {
    mkdirSync(directory, { recursive: true });
    return { directory, temporary: undefined };
  }
  const temporary = mkdtempSync(join(tmpdir(), 'millrace-kafka-'));
  return { directory: temporary, temporary };
}

/** Data that is about to be removed needs no orderly end, which takes seconds. */
async function stopNodes(nodes: readonly KafkaNode[], temporary: string | undefined) {
  await Promise.all(nodes.map((node) => (temporary === undefined ? node.stop() : node.kill())));
  if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
}

function bootstrapServers(addresses: readonly NodeAddress[], listener: ListenerName): string {
  return addresses.map(({ ports }) => `127.0.0.1:${ports[listener]}`).join();
}

function proxiedServers(proxies: readonly TcpProxy[]): string {
  return proxies.map(({ port }) => `127.0.0.1:${port}`).join();
}

function kafkaSecurity(
  addresses: readonly NodeAddress[],
  { certificateFile }: Certificate,
): KafkaSecurity {
  return {
    tlsBootstrapServers: bootstrapServers(addresses, 'TLS'),
    saslBootstrapServers: bootstrapServers(addresses, 'SASL'),
    certificateFile,
    ...securityUser,
  };
}
