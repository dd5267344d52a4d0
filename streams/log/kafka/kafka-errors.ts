/** The client's errors in the library's words: what passes by itself, what somebody must mend. */
import { StreamsError, type StreamsErrorCode } from '../../errors.ts';
import type { NativeError } from './native-client.ts';

/** Codes of Kafka's protocol and, below 0, of librdkafka. @see rd_kafka_resp_err_t */
export const kafkaCode = {
  unknownTopic: 3,
  messageTooLarge: 10,
  illegalGeneration: 22,
  unknownMember: 25,
  topicExists: 36,
  producerFenced: 90,
  fencedInstance: 82,
  invalidProducerEpoch: 47,
  invalidProducerMapping: 49,
  unknownProducer: 59,
  offsetNotAvailable: 78,
  unstableOffset: 88,
  localTimedOut: -185,
  localQueueFull: -184,
  localMessageTimedOut: -192,
  localTransport: -195,
  localAllBrokersDown: -187,
  localFatal: -150,
  localFenced: -144,
  localMaxPollExceeded: -147,
  assignPartitions: -175,
} as const;

const stableCodes: ReadonlyMap<number, readonly [StreamsErrorCode, string]> = new Map([
  [3, ['STREAMS_TOPIC_UNKNOWN', 'create it, or correct the name']],
  [-188, ['STREAMS_TOPIC_UNKNOWN', 'create it, or correct the name']],
  [-190, ['STREAMS_TOPIC_UNKNOWN', 'the topic has fewer partitions']],
  [10, ['STREAMS_RECORD_TOO_LARGE', 'raise max.message.bytes of the topic, or send less']],
  [87, ['STREAMS_RECORD_INVALID', 'a compacted topic takes no record without a key']],
  [17, ['STREAMS_TOPIC_INVALID', 'correct the name']],
  [37, ['STREAMS_TOPIC_INVALID', 'correct the number of partitions']],
  [38, ['STREAMS_TOPIC_INVALID', 'the cluster has fewer brokers than replicas are wanted']],
  [40, ['STREAMS_TOPIC_INVALID', 'correct the settings of the topic']],
  [44, ['STREAMS_TOPIC_INVALID', "the cluster's policy forbids it"]],
]);

/** Refusals that no retry changes: somebody must give a right or a password. */
const refusals: ReadonlyMap<number, string> = new Map([
  [29, 'the principal may not use this topic'],
  [30, 'the principal may not use this group'],
  [31, 'the principal may not do this in the cluster'],
  [53, 'the principal may not use this transactional id'],
  [58, 'user name or password are wrong'],
  [-169, 'user name or password are wrong, or the mechanism is not enabled'],
  [-181, 'the certificate of the broker is not trusted, or TLS is not spoken on this port'],
]);

/** What a client that goes on trying tells beside it has no code of its own. */
const refusalTexts: readonly (readonly [RegExp, number])[] = [
  [/authentication failure/i, -169],
  [/ssl error/i, -181],
];

/** Whether a broker, or this side of TLS, has said no. */
export function isRefusal(error: unknown): boolean {
  return refusalOf(error) !== undefined;
}

function refusalOf(error: unknown): string | undefined {
  const known = refusals.get(nativeCode(error) ?? 0);
  if (known !== undefined) return known;
  const { message = '' } = (error ?? {}) as Partial<Error>;
  const told = refusalTexts.find(([text]) => text.test(message));
  return told && refusals.get(told[1]);
}

export function nativeCode(error: unknown): number | undefined {
  const { code } = (error ?? {}) as Partial<NativeError>;
  return typeof code === 'number' ? code : undefined;
}

/** Whether another producer has taken this one's transactional id: it can do nothing any more. */
export function isProducerFenced(error: unknown): boolean {
  const code = nativeCode(error);
  return (
    code === kafkaCode.localFenced ||
    code === kafkaCode.producerFenced ||
    code === kafkaCode.invalidProducerEpoch
  );
}

/** Whether the group has gone on without this member. */
export function isMemberGone(error: unknown): boolean {
  const code = nativeCode(error);
  return code === kafkaCode.unknownMember || code === kafkaCode.fencedInstance;
}

/** Whether the name of a static member is another's now, be it of its own second try to join. */
export function isNameTaken(error: unknown): boolean {
  const code = nativeCode(error) ?? nativeCode((error as Error | undefined)?.cause);
  return code === kafkaCode.fencedInstance || code === kafkaCode.localFatal;
}

/**
 * `what` says what was tried. What is not known to be for good may pass: `STREAMS_LOG_UNAVAILABLE`,
 * retryable.
 */
export function kafkaError(what: string, cause: unknown): StreamsError {
  if (cause instanceof StreamsError) return cause;
  const code = nativeCode(cause);
  const { message: reason = String(cause) } = (cause ?? {}) as Partial<Error>;
  const stable = code === undefined ? undefined : stableCodes.get(code);
  if (stable !== undefined) {
    return new StreamsError(stable[0], `${what}: ${reason}; ${stable[1]}`, { cause });
  }
  const refusal = refusalOf(cause);
  if (refusal !== undefined) {
    return new StreamsError('STREAMS_LOG_REFUSED', `${what}: ${reason}; ${refusal}`, { cause });
  }
  const message = `${what}: ${reason}`;
  return new StreamsError('STREAMS_LOG_UNAVAILABLE', message, { cause, retryable: true });
}

/** For what was handed over and not answered. */
export function outcomeUnknown(what: string, cause: unknown): StreamsError {
  const message = `${what} or not: no broker has answered`;
  return new StreamsError('STREAMS_OUTCOME_UNKNOWN', message, { cause, retryable: true });
}

export function migrated(reason: string, cause?: unknown): StreamsError {
  return new StreamsError('STREAMS_TASK_MIGRATED', `nothing was committed: ${reason}`, { cause });
}
