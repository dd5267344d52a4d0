/** From the options of the log to the settings of the client. */
import { StreamsError } from '../../errors.ts';
import type { NativeSettings } from './native-client.ts';

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

export interface KafkaSecurity {
  /** Encrypts the connection. `true` trusts the system's certificate authorities. */
  readonly tls?:
    | true
    | {
        /** PEM of the certificate authorities to trust. */
        readonly ca?: string;
        /** PEM of the client's own certificate and key, where the broker asks for one. */
        readonly certificate?: string;
        readonly key?: string;
        readonly keyPassword?: string;
      };
  /** Who this client is. Without `tls` the password travels in the clear under PLAIN. */
  readonly sasl?: {
    readonly mechanism: SaslMechanism;
    readonly username: string;
    readonly password: string;
  };
}

export interface KafkaConnection {
  /** `host:port` of one or more brokers, with commas between. @see bootstrap.servers */
  readonly bootstrapServers: string;
  /** Names this program in the brokers' logs and quotas. @defaultValue `'millrace'` @see client.id */
  readonly clientId?: string;
  readonly security?: KafkaSecurity;
  /**
   * Any further setting of librdkafka, for every connection; it wins over the driver's own. Those
   * that exactly-once depends on are refused.
   *
   * @see https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md
   */
  readonly clientSettings?: Readonly<Record<string, string | number | boolean>>;
}

/** Changing one of these would break exactly-once, or the driver. */
const ownSettings = [
  'bootstrap.servers',
  'metadata.broker.list',
  'group.id',
  'transactional.id',
  'enable.auto.commit',
  'enable.auto.offset.store',
  'enable.idempotence',
  'enable.partition.eof',
  'isolation.level',
  'partition.assignment.strategy',
  'group.protocol',
  'rebalance_cb',
];

/** @throws StreamsError `STREAMS_CONFIG_INVALID` with every fault. */
export function connectionSettings(connection: KafkaConnection): NativeSettings {
  const { bootstrapServers, clientId = 'millrace', security, clientSettings = {} } = connection;
  const faults = Object.keys(clientSettings)
    .filter((name) => ownSettings.includes(name))
    .map((name) => `clientSettings may not set '${name}': the driver does`);
  if (!/^[^\s,]+:\d+(,[^\s,]+:\d+)*$/.test(bootstrapServers)) {
    faults.push(`bootstrapServers is '${bootstrapServers}': give host:port, more after commas`);
  }
  const { sasl } = security ?? {};
  if (sasl !== undefined && (sasl.username === '' || sasl.password === '')) {
    faults.push('security.sasl needs a username and a password');
  }
  if (faults.length > 0) throw new StreamsError('STREAMS_CONFIG_INVALID', faults.join('; '));
  return {
    'bootstrap.servers': bootstrapServers,
    'client.id': clientId,
    // With the defaults (100 ms, 1 s) small transactions wait for each other's coordinator.
    'retry.backoff.ms': 5,
    'retry.backoff.max.ms': 100,
    'reconnect.backoff.ms': 50,
    'reconnect.backoff.max.ms': 1_000,
    'socket.nagle.disable': true,
    ...securitySettings(security),
    ...clientSettings,
  };
}

function securitySettings(security: KafkaSecurity | undefined): NativeSettings {
  const { tls, sasl } = security ?? {};
  if (tls === undefined && sasl === undefined) return {};
  const protocol = `${sasl ? 'sasl_' : ''}${tls ? 'ssl' : 'plaintext'}`;
  const settings: Record<string, unknown> = { 'security.protocol': protocol };
  if (tls !== undefined && tls !== true) {
    if (tls.ca !== undefined) settings['ssl.ca.pem'] = tls.ca;
    if (tls.certificate !== undefined) settings['ssl.certificate.pem'] = tls.certificate;
    if (tls.key !== undefined) settings['ssl.key.pem'] = tls.key;
    if (tls.keyPassword !== undefined) settings['ssl.key.password'] = tls.keyPassword;
  }
  if (sasl !== undefined) {
    settings['sasl.mechanisms'] = sasl.mechanism;
    settings['sasl.username'] = sasl.username;
    settings['sasl.password'] = sasl.password;
  }
  return settings;
}
