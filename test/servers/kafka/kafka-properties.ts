/** The properties of a broker that tests and benches run against. */

/** Where a node listens on 127.0.0.1. The last three only when the cluster is asked for them. */
export interface NodeAddress {
  readonly id: number;
  readonly ports: Readonly<Record<ListenerName, number>>;
}

/**
 * `PLAINTEXT` for clients and for the brokers among themselves, `CONTROLLER` for the controllers,
 * `TLS` and `SASL` for clients that are to prove something, `PROXIED` for those that come by a proxy.
 */
export const listenerNames = ['PLAINTEXT', 'CONTROLLER', 'TLS', 'SASL', 'PROXIED'] as const;
export type ListenerName = (typeof listenerNames)[number];

export type Properties = Readonly<Record<string, string>>;

/** What does not depend on the machine. docker-compose.yml says the same; a test compares them. */
export function clusterProperties(nodeCount: number): Properties {
  const replicas = nodeCount < 3 ? '1' : '3';
  const inSyncReplicas = nodeCount < 3 ? '1' : '2';
  return {
    // A misspelt topic is an error, not a new topic with settings that nobody chose.
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSyncReplicas,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '8',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSyncReplicas,
    'transaction.state.log.num.partitions': '8',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSyncReplicas,
    'share.coordinator.state.topic.num.partitions': '4',
    // The first member of a group does not wait for others.
    'group.initial.rebalance.delay.ms': '0',
    // A test of a dead member or a dead transaction can choose to take a second.
    'group.min.session.timeout.ms': '1000',
    'group.consumer.min.session.timeout.ms': '1000',
    'group.consumer.min.heartbeat.interval.ms': '200',
    'group.consumer.heartbeat.interval.ms': '500',
    'group.consumer.session.timeout.ms': '6000',
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500',
    // A node that was killed is missed, and let in again, after five seconds, not nine.
    'broker.heartbeat.interval.ms': '1000',
    'broker.session.timeout.ms': '5000',
    // 128 MiB by default, which a small heap does not have.
    'log.cleaner.dedupe.buffer.size': '16777216',
    'log.cleaner.backoff.ms': '1000',
    'log.initial.task.delay.ms': '1000',
  };
}

const protocols =
  'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,SASL:SASL_SSL,PROXIED:PLAINTEXT';

/** The node's own: who it is, where it listens, where its data is. */
export function nodeProperties(
  node: NodeAddress,
  nodes: readonly NodeAddress[],
  options: {
    readonly listeners: readonly ListenerName[];
    readonly dataFolder: string;
    /** Where clients are told to come for `PROXIED`. */
    readonly proxyPort?: number | undefined;
  },
): Properties {
  const voters = nodes.map(({ id, ports }) => `${id}@127.0.0.1:${ports.CONTROLLER}`);
  const at = (name: ListenerName) => `${name}://127.0.0.1:${node.ports[name]}`;
  const { proxyPort } = options;
  const advertised = (name: ListenerName) =>
    name === 'PROXIED' && proxyPort !== undefined ? `${name}://127.0.0.1:${proxyPort}` : at(name);
  const forClients = options.listeners.filter((name) => name !== 'CONTROLLER');
  return {
    'process.roles': 'broker,controller',
    'node.id': `${node.id}`,
    listeners: options.listeners.map(at).join(),
    'advertised.listeners': forClients.map(advertised).join(),
    'listener.security.protocol.map': protocols,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.quorum.voters': voters.join(),
    'log.dirs': options.dataFolder,
  };
}

/** In the format of a Java properties file, where a backslash begins an escape. */
export function propertiesText(properties: Properties): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');
}
