/** Has the client go on reading a partition from somewhere else. */
import { performance } from 'node:perf_hooks';
import { StreamsError } from '../../errors.ts';
import type { TopicPartition } from '../log.ts';
import { answer, type NativeConsumer } from './native-client.ts';

export type NativeStart = TopicPartition & { readonly offset: number };

const seekTimeoutMs = 5_000;
/** For all tries. It takes milliseconds, or until a broker is back; or the client never does it. */
export const seekWithinMs = 15_000;
const seekPauseMs = 10;

/** The client does not read any more. What was handed out stays right; the rest takes another one. */
export class ReadingStopped extends StreamsError {
  constructor(cause: unknown) {
    const message = 'the Kafka client has stopped reading: another one goes on';
    super('STREAMS_LOG_UNAVAILABLE', message, { cause, retryable: true });
  }
}

/**
 * A partition that has just been assigned cannot be sought before the client has begun to read it.
 * Assigning it anew instead is a race within the client, which may then never read it.
 */
export async function seek(
  consumer: NativeConsumer,
  start: NativeStart,
  withinMs: number,
): Promise<void> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    try {
      await answer((callback) => consumer.seek(start, seekTimeoutMs, callback));
      return;
    } catch (error) {
      if (performance.now() >= untilMs) throw new ReadingStopped(error);
      await new Promise((resolve) => setTimeout(resolve, seekPauseMs));
    }
  }
}
