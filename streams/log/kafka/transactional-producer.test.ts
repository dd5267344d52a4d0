import { StreamsError } from '../../errors.ts';
import { until } from '../../testing/until.ts';
import type { NativeConsumer } from './native-client.ts';
import { nativeError, ScriptedProducer } from './scripted-producer.ts';
import { TransactionalProducer, UnknownOutcome } from './transactional-producer.ts';

function open(ending?: AbortSignal) {
  const native = new ScriptedProducer();
  const producer = new TransactionalProducer({
    clients: native.clients,
    transactionalId: 'orders-1',
    transactionTimeoutMs: 1_000,
    callTimeoutMs: 100,
    ending,
  });
  return { native, producer };
}

const timedOut = () => nativeError(-185);

test('one transaction after the other with one producer', async () => {
  const { native, producer } = open();
  await producer.commit([]);
  await producer.commit([]);
  const transaction = ['beginTransaction', 'commitTransaction'];
  expect(native.calls).toEqual(['made', 'initTransactions', ...transaction, ...transaction]);
});

test('a commit that must be aborted is known not to be made', async () => {
  const { native, producer } = open();
  native.failures.set('commitTransaction', [nativeError(1, { isTxnRequiresAbort: true })]);
  await expect(producer.commit([])).rejects.toMatchObject({ code: 'STREAMS_LOG_UNAVAILABLE' });
  expect(native.calls.at(-1)).toBe('abortTransaction');
});

test.each`
  code    | why
  ${49}   | ${'the brokers do not know its producer at a second try, the first may have been made'}
  ${-192} | ${'its time was over while its end was under way'}
`('whether a commit of a group was made is open when $why', async ({ code }) => {
  const { native, producer } = open();
  native.failures.set('commitTransaction', [nativeError(code, { isTxnRequiresAbort: true })]);
  const group = { consumer: {} as NativeConsumer, offsets: [] };
  const cause = expect.objectContaining({ code });
  await expect(producer.commit([], group)).rejects.toMatchObject({ name: 'UnknownOutcome', cause });
  expect(native.calls.at(-1)).toBe('abortTransaction');
  await producer.commit([], group);
});

test('a commit whose producer the brokers do not know any more may have been made, also without a group', async () => {
  const { native, producer } = open();
  native.failures.set('commitTransaction', [nativeError(59, { isTxnRequiresAbort: true })]);
  await expect(producer.commit([])).rejects.toBeInstanceOf(UnknownOutcome);
});

test('a fenced commit of a group is refused: whoever was fenced begins again from what is committed', async () => {
  const { native, producer } = open();
  native.failures.set('commitTransaction', [nativeError(90)]);
  const group = { consumer: {} as NativeConsumer, offsets: [] };
  await expect(producer.commit([], group)).rejects.toMatchObject({ code: 'STREAMS_TASK_MIGRATED' });
});

test('a commit without an answer says nothing until a new producer has ended it', async () => {
  const { native, producer } = open();
  native.failures.set('commitTransaction', [timedOut()]);
  native.failures.set('initTransactions', [undefined, timedOut(), timedOut()]);
  await expect(producer.commit([])).rejects.toBeInstanceOf(UnknownOutcome);
  expect(native.calls.filter((call) => call === 'initTransactions')).toHaveLength(4);
});

test('a commit without an answer does not hold up a producer that is closed', async () => {
  const { native, producer } = open();
  await producer.open();
  native.failures.set('commitTransaction', [timedOut()]);
  native.failures.set('initTransactions', Array.from({ length: 1_000 }, timedOut));
  const committing = producer.commit([]);
  committing.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await producer.close();
  await expect(committing).rejects.toBeInstanceOf(UnknownOutcome);
});

test('a call that the client forgets leaves its producer behind, and nothing is committed', async () => {
  const { native, producer } = open();
  native.forgotten.add('sendOffsetsToTransaction');
  const group = { consumer: {} as NativeConsumer, offsets: [] };
  await expect(producer.commit([], group)).rejects.toMatchObject({ retryable: true });
  await producer.commit([], group);
  const transaction = ['beginTransaction', 'sendOffsetsToTransaction'];
  const first = ['made', 'initTransactions', ...transaction];
  expect(native.calls).toEqual([...first, ...first, 'commitTransaction']);
});

test('a commit that the client forgets says nothing until a new producer has ended it', async () => {
  const { native, producer } = open();
  native.forgotten.add('commitTransaction');
  await expect(producer.commit([])).rejects.toBeInstanceOf(UnknownOutcome);
  expect(native.calls.at(-1)).toBe('initTransactions');
  expect(native.calls).not.toContain('disconnect');
});

test('who closes it does not wait for a producer that is being made', async () => {
  const { native, producer } = open();
  native.forgotten.add('initTransactions');
  const committing = producer.commit([]);
  committing.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const startedMs = performance.now();
  await producer.close();
  expect(performance.now() - startedMs).toBeLessThan(50);
  await expect(committing).rejects.toMatchObject({ code: 'STREAMS_LOG_CLOSED' });
});

test('a producer whose batch was too large is replaced by one that may make smaller ones', async () => {
  const { native, producer } = open();
  const tooLarge = nativeError(10, { isTxnRequiresAbort: true });
  native.failures.set('commitTransaction', [tooLarge]);
  await expect(producer.commit([])).rejects.toMatchObject({ code: 'STREAMS_RECORD_TOO_LARGE' });
  expect(producer.batchBytes).toBe(1_000);
  await producer.commit([]);
  const first = ['made', 'initTransactions', 'beginTransaction', 'commitTransaction'];
  expect(native.calls).toEqual([...first, 'abortTransaction', 'disconnect', ...first]);
});

test('what is given up while it is under way fails with the reason, and its producer is left behind', async () => {
  const { native, producer } = open();
  native.forgotten.add('sendOffsetsToTransaction');
  const group = { consumer: {} as NativeConsumer, offsets: [] };
  const committing = producer.commit([], group);
  committing.catch(() => undefined);
  await until(() => native.calls.includes('sendOffsetsToTransaction'));
  const reason = new StreamsError('STREAMS_TOPIC_UNKNOWN', "no topic 'totals'");
  producer.giveUp(reason);
  await expect(committing).rejects.toBe(reason);
  expect(native.calls).not.toContain('disconnect');
  // In the end the call is answered: else the producer would keep the process from ending.
  native.remember();
  await until(() => native.calls.at(-1) === 'disconnect');
});

test('a commit that is given up says nothing until a new producer has ended it', async () => {
  const { native, producer } = open();
  native.forgotten.add('commitTransaction');
  const committing = producer.commit([]);
  committing.catch(() => undefined);
  await until(() => native.calls.includes('commitTransaction'));
  const reason = new StreamsError('STREAMS_TOPIC_UNKNOWN', "no topic 'totals'");
  producer.giveUp(reason);
  await expect(committing).rejects.toMatchObject({ cause: reason });
  expect(native.calls.at(-1)).toBe('initTransactions');
});

test('a topic that the client does not know is named', async () => {
  const { native, producer } = open();
  native.refusesToProduce = nativeError(-188);
  const record = { topic: 'totals', key: null, value: null, timestampMs: 1, headers: [] };
  const committing = producer.commit([{ topic: 'totals', partition: 0, record }]);
  await expect(committing).rejects.toMatchObject({
    code: 'STREAMS_TOPIC_UNKNOWN',
    message: expect.stringContaining("'totals'"),
  });
});

test('who is about to end does not wait for brokers that never say how its commit ended', async () => {
  const controller = new AbortController();
  const { native, producer } = open(controller.signal);
  await producer.open();
  native.failures.set('commitTransaction', [timedOut()]);
  native.failures.set('initTransactions', Array(1_000).fill(timedOut()));
  const committing = producer.commit([]);
  await until(() => native.calls.filter((call) => call === 'initTransactions').length > 1);
  controller.abort();
  await expect(committing).rejects.toBeInstanceOf(UnknownOutcome);
  await producer.close();
});
