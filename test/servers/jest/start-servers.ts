/**
 * Before the tests against real servers: one Kafka node and one registry for all of them. Whoever
 * has servers already names them in these variables, and none is started.
 */
import { startKafka } from '../kafka/start-kafka.ts';
import { startRegistry } from '../registry/start-registry.ts';
import { stopLater } from './started-servers.ts';

export default async function startServers(): Promise<void> {
  const { env } = process;
  await Promise.all([
    (async () => {
      if (env['MILLRACE_TEST_KAFKA']) return;
      const kafka = await startKafka();
      stopLater(kafka);
      env['MILLRACE_TEST_KAFKA'] = kafka.bootstrapServers;
    })(),
    (async () => {
      if (env['MILLRACE_TEST_REGISTRY']) return;
      const registry = await startRegistry();
      stopLater(registry);
      env['MILLRACE_TEST_REGISTRY'] = registry.url;
    })(),
  ]);
}
