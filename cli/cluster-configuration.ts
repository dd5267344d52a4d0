/** The servers of the cluster profile, from the environment: Kafka and the schema registry. */
import { readFileSync } from 'node:fs';
import type { ConfluentRegistryOptions } from '#streams/confluent-registry';
import type { KafkaLogOptions, KafkaSecurity, SaslMechanism } from '#streams/kafka';
import type { EnvironmentReader } from './environment-reader.ts';
import { readStores, type StoresConfiguration } from './stores-configuration.ts';

export interface ClusterConfiguration {
  readonly kafka: KafkaLogOptions;
  readonly registry: Pick<ConfluentRegistryOptions, 'url' | 'auth'>;
  /** `undefined`: views are files in the data directory, of this process alone. */
  readonly stores: StoresConfiguration | undefined;
}

/** Where `docker compose up` and `npm run servers` put them. */
const kafkaByDefault = '127.0.0.1:9092';
const registryByDefault = 'http://127.0.0.1:8081/apis/ccompat/v7';

const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const halfAnHourMs = 30 * 60_000;

export function readCluster(read: EnvironmentReader): ClusterConfiguration {
  const security = securityOf(read);
  const instanceId = instanceIdOf(read);
  const auth = read.credentials('MILLRACE_REGISTRY');
  return {
    kafka: {
      bootstrapServers: read.text('MILLRACE_KAFKA', kafkaByDefault),
      replicationFactor: read.whole('MILLRACE_KAFKA_REPLICATION', -1, -1, 32_767),
      sessionTimeoutMs: read.whole(
        'MILLRACE_KAFKA_SESSION_TIMEOUT_MS',
        10_000,
        1_000,
        halfAnHourMs,
      ),
      ...(security && { security }),
      ...(instanceId && { instanceId }),
    },
    registry: { url: read.text('MILLRACE_REGISTRY', registryByDefault), auth },
    stores: storesOf(read),
  };
}

function storesOf(read: EnvironmentReader): StoresConfiguration | undefined {
  const where = read.oneOf('MILLRACE_VIEWS', 'servers', ['servers', 'files']);
  return where === 'servers' ? readStores(read) : undefined;
}

function securityOf(read: EnvironmentReader): KafkaSecurity | undefined {
  const tls = tlsOf(read);
  const sasl = saslOf(read);
  if (tls === undefined && sasl === undefined) return undefined;
  return { ...(tls && { tls }), ...(sasl && { sasl }) };
}

function tlsOf(read: EnvironmentReader): KafkaSecurity['tls'] {
  const path = read.given('MILLRACE_KAFKA_TLS_CA');
  if (path === undefined) return undefined;
  if (path === 'system') return true;
  try {
    return { ca: readFileSync(path, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    read.fault(
      `MILLRACE_KAFKA_TLS_CA is '${path}', which cannot be read (${code}): give a PEM file of the ` +
        "authorities to trust, or 'system' for those of this machine",
    );
    return undefined;
  }
}

function saslOf(read: EnvironmentReader): KafkaSecurity['sasl'] {
  const mechanism = read.given('MILLRACE_KAFKA_SASL_MECHANISM');
  const credentials = read.credentials('MILLRACE_KAFKA_SASL');
  if (mechanism === undefined && credentials === undefined) return undefined;
  const known = read.oneOf<SaslMechanism>('MILLRACE_KAFKA_SASL_MECHANISM', 'PLAIN', saslMechanisms);
  if (credentials !== undefined && mechanism !== undefined)
    return { mechanism: known, ...credentials };
  read.fault(
    'MILLRACE_KAFKA_SASL_MECHANISM, MILLRACE_KAFKA_SASL_USERNAME and MILLRACE_KAFKA_SASL_PASSWORD ' +
      'go together: give all three',
  );
  return undefined;
}

function instanceIdOf(read: EnvironmentReader): string | undefined {
  const id = read.given('MILLRACE_INSTANCE_ID');
  if (id === undefined || /^[a-zA-Z0-9._-]{1,100}$/.test(id)) return id;
  read.fault(
    `MILLRACE_INSTANCE_ID is '${id}': give 1 to 100 letters, digits, '.', '_' and '-', different ` +
      'in each process',
  );
  return undefined;
}
