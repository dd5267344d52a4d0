import { MessageChannel } from 'node:worker_threads';
import { openKafkaLog } from '../kafka/kafka-log.ts';
import { logContract } from '../log-contract.ts';
import type { HostMethods } from './log-calls.ts';
import { PortCalls } from './port-calls.ts';
import { openRemoteLog } from './remote-log.ts';
import { serveLog } from './serve-log.ts';

const bootstrapServers = process.env['MILLRACE_TEST_KAFKA'] ?? '';

logContract('Kafka, in another thread', {
  limits: { nullHeaders: false },
  async open(options) {
    const kafka = await openKafkaLog({ bootstrapServers, sessionTimeoutMs: 2_000, ...options });
    const { port1, port2 } = new MessageChannel();
    serveLog(kafka, new PortCalls(port1));
    const host = new PortCalls<HostMethods>(port2);
    const log = await openRemoteLog(host);
    const close = log.close.bind(log);
    log.close = async () => {
      await close();
      host.close();
      await kafka.close();
    };
    return log;
  },
});
