import { logContract } from '../log-contract.ts';
import { openKafkaLog } from './kafka-log.ts';

const bootstrapServers = process.env['MILLRACE_TEST_KAFKA'] ?? '';

logContract('Kafka', {
  // The client gives both as bytes of no length.
  limits: { nullHeaders: false },
  open: (options) => openKafkaLog({ bootstrapServers, sessionTimeoutMs: 2_000, ...options }),
});
