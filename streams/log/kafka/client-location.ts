/** Where the optional Kafka client is found. */
import { createRequire } from 'node:module';
import { StreamsError } from '../../errors.ts';
import type { NativeClient } from './native-client.ts';

const client = '@confluentinc/kafka-javascript';

export function loadKafkaClient(): NativeClient {
  for (const from of [import.meta.url, new URL('./client/package.json', import.meta.url)]) {
    try {
      return createRequire(from)(client) as NativeClient;
    } catch (cause) {
      if ((cause as { code?: string }).code !== 'MODULE_NOT_FOUND') throw cause;
    }
  }
  throw new StreamsError('STREAMS_CONFIG_INVALID', `${client} is not installed`);
}
