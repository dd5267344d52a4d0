import { readFileSync } from 'node:fs';
import { type KafkaSecurity, openKafkaLog, type SaslMechanism } from '#streams/kafka';
import { type KafkaServers, startKafka } from '../servers/kafka/start-kafka.ts';

let servers: KafkaServers;
beforeAll(async () => {
  servers = await startKafka({ security: true });
});
afterAll(() => servers.stop());

function settings() {
  const { security } = servers;
  if (security === undefined) throw new Error('the broker has no secured listeners');
  const { username, password, certificateFile } = security;
  return { ...security, username, password, ca: readFileSync(certificateFile, 'utf8') };
}

async function roundTrip(bootstrapServers: string, security: KafkaSecurity): Promise<string> {
  const log = await openKafkaLog({ bootstrapServers, security });
  const name = `secured-${Math.random().toString(36).slice(2)}`;
  await log.createTopics([{ name, partitions: 1, cleanupPolicy: 'delete', retentionMs: -1 }]);
  const value = Buffer.from('seen');
  await log.append([{ topic: name, key: null, value, timestampMs: 1, headers: [] }]);
  const reader = log.openReader();
  reader.assign([{ topic: name, partition: 0, offset: 0n }]);
  const seen: string[] = [];
  while (seen.length === 0) {
    for (const { records } of await reader.poll({ maxWaitMs: 1_000 })) {
      seen.push(...records.map((record) => Buffer.from(record.value ?? []).toString()));
    }
  }
  await log.close();
  return seen.join();
}

test('speaks TLS with brokers that the given authority has signed', async () => {
  const { tlsBootstrapServers, ca } = settings();
  expect(await roundTrip(tlsBootstrapServers, { tls: { ca } })).toBe('seen');
});

test.each<SaslMechanism>(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])(
  'says who it is by %s',
  async (mechanism) => {
    const { saslBootstrapServers, ca, username, password } = settings();
    const sasl = { mechanism, username, password };
    expect(await roundTrip(saslBootstrapServers, { tls: { ca }, sasl })).toBe('seen');
  },
);

test('says at once that a password is wrong, and does not try for ever', async () => {
  const { saslBootstrapServers, ca, username } = settings();
  const sasl = { mechanism: 'SCRAM-SHA-256', username, password: 'guessed' } as const;
  const opened = openKafkaLog({
    bootstrapServers: saslBootstrapServers,
    security: { tls: { ca }, sasl },
  });
  await expect(opened).rejects.toMatchObject({ code: 'STREAMS_LOG_REFUSED', retryable: false });
});

test('says at once that a certificate is not trusted', async () => {
  const { tlsBootstrapServers } = settings();
  const opened = openKafkaLog({ bootstrapServers: tlsBootstrapServers, security: { tls: true } });
  await expect(opened).rejects.toMatchObject({ code: 'STREAMS_LOG_REFUSED', retryable: false });
});
