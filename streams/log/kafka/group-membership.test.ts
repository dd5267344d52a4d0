/** What a group says, against a client that says what it is told to: no broker. */
import type { StreamsError } from '../../errors.ts';
import { until } from '../../testing/until.ts';
import { GroupMembership } from './group-membership.ts';
import type { KafkaClients } from './kafka-clients.ts';
import { isNameTaken, kafkaCode } from './kafka-errors.ts';
import type { Callback, NativeConsumer, NativeMessage } from './native-client.ts';
import { nativeError } from './scripted-producer.ts';

let membership: GroupMembership | undefined;
afterEach(() => membership?.close());

/** Of a client that answers the first look with `error`, and signals while it is being made. */
async function failuresAfter(error: Error | null): Promise<unknown[]> {
  const failures: unknown[] = [];
  const answers = [error];
  let looks = 0;
  const consumer: Partial<NativeConsumer> = {
    subscribe() {},
    consume(_count, callback: Callback<readonly NativeMessage[]>) {
      looks += 1;
      setImmediate(() => callback(answers.shift() as never, []));
    },
    disconnect: (callback: Callback) => callback(null, undefined),
  };
  const groupConsumer: KafkaClients['groupConsumer'] = async (_settings, { notEmpty }) => {
    notEmpty();
    setImmediate(notEmpty);
    return consumer as NativeConsumer;
  };
  membership = new GroupMembership({
    clients: { groupConsumer } as KafkaClients,
    groupId: 'orders',
    topic: 'orders-tasks',
    settings: {},
    isAlive: () => true,
    listener: {
      onAssigned: async () => {},
      onRevoked: async () => {},
      onLost: async () => {},
      onFailure: (failure) => failures.push(failure),
    },
  });
  await membership.join();
  await until(() => looks > 0 && answers.length === 0);
  await new Promise((resolve) => setImmediate(resolve));
  return failures;
}

test('what the client signals before it is there is no failure', async () => {
  expect(await failuresAfter(null)).toEqual([]);
});

test('a client that its group has fenced is replaced by a new member under another name', async () => {
  const [failure, ...others] = await failuresAfter(nativeError(kafkaCode.localFatal));
  expect(others).toEqual([]);
  expect((failure as StreamsError).code).toBe('STREAMS_TASK_MIGRATED');
  expect(isNameTaken(failure)).toBe(true);
});

test('a group that is not well may be well again', async () => {
  const [failure] = await failuresAfter(nativeError(kafkaCode.localTransport));
  expect(failure).toMatchObject({ code: 'STREAMS_LOG_UNAVAILABLE', retryable: true });
  expect(isNameTaken(failure)).toBe(false);
});
