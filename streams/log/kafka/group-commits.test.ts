import { until } from '../../testing/until.ts';
import { GroupCommits } from './group-commits.ts';
import type { CommittedOffset } from './group-offsets.ts';
import type { NativeConsumer } from './native-client.ts';
import { nativeError, ScriptedProducer } from './scripted-producer.ts';

function open(ending?: AbortSignal) {
  const native = new ScriptedProducer();
  const told: unknown[] = [];
  const sent: { readonly topic: string; readonly offset: number; readonly metadata: string }[] = [];
  const sendOffsets = native.sendOffsetsToTransaction.bind(native);
  native.sendOffsetsToTransaction = (...values) => {
    sent.push(...(values[0] as typeof sent));
    sendOffsets(...values);
  };
  type Committed = readonly (CommittedOffset | undefined)[];
  let committed: Committed | Promise<Committed> = [];
  const commits = new GroupCommits({
    clients: native.clients,
    transactionalId: 'group-me',
    transactionTimeoutMs: 1_000,
    commitTimeoutMs: 100,
    tasksTopic: 'group-tasks',
    consumer: () => ({}) as NativeConsumer,
    committed: async () => committed,
    isClosing: () => false,
    ...(ending === undefined ? {} : { ending }),
    fenced: (error) => told.push(error.code),
  });
  const isCommitted = (offsets: typeof committed) => {
    committed = offsets;
  };
  return { native, commits, sent, told, isCommitted };
}

const offsets = [{ topic: 'inputs', partition: 4, offset: 9n }];

test('what stands beside a task stays when a commit without offsets leaves its mark there', async () => {
  const { commits, sent } = open();
  await commits.open();
  await commits.note([4], 'kept');
  await commits.commit([], [], 4);
  await commits.commit([], offsets, 4);
  await commits.note([4], undefined);
  await commits.commit([], [], 4);
  expect(sent.map(({ topic, metadata }) => [topic, metadata])).toEqual([
    ['group-tasks', 'kept'],
    ['group-tasks', 'kept'],
    ['inputs', 'group-me'],
    ['group-tasks', 'group-me'],
    ['group-tasks', 'group-me'],
  ]);
});

test('while a note stands, a producer that was made anew commits nothing', async () => {
  const { commits, native, told, isCommitted } = open();
  await commits.open();
  await commits.note([4], 'kept');
  // Nobody answers: the client is made anew, while a successor may have fenced the one before.
  native.failures.set('commitTransaction', [nativeError(-185)]);
  isCommitted([{ offset: 9n, holder: 'group-me' }]);
  await commits.commit([], offsets, 4);
  const before = native.calls.length;
  await expect(commits.commit([], offsets, 4)).rejects.toMatchObject({
    code: 'STREAMS_TASK_MIGRATED',
  });
  expect(told).toEqual(['STREAMS_TASK_MIGRATED']);
  expect(native.calls).toHaveLength(before);
});

test('a producer that was made anew while it noted something has noted nothing', async () => {
  const { commits, native, sent, isCommitted } = open();
  await commits.open();
  native.failures.set('commitTransaction', [nativeError(-185)]);
  native.commitTransaction = ((commit) => (timeoutMs, callback) => {
    isCommitted([{ offset: BigInt(sent[0]?.offset ?? 0), holder: 'kept' }]);
    commit.call(native, timeoutMs, callback);
  })(native.commitTransaction);
  await expect(commits.note([4], 'kept')).rejects.toThrow('made anew');
  await commits.commit([], [], 4);
  expect(sent.at(-1)?.metadata).toBe('group-me');
});

test('without a note it goes on', async () => {
  const { commits, native, isCommitted } = open();
  await commits.open();
  await commits.note([4], 'kept');
  await commits.note([4], undefined);
  native.failures.set('commitTransaction', [nativeError(-185)]);
  isCommitted([{ offset: 9n, holder: 'group-me' }]);
  await commits.commit([], offsets, 4);
  await commits.commit([], offsets, 4);
  expect(native.calls.at(-1)).toBe('commitTransaction');
});

test('a commit whose answer is lost failed when the group has other offsets', async () => {
  const { commits, native, isCommitted } = open();
  native.failures.set('commitTransaction', [nativeError(-185)]);
  isCommitted([{ offset: 8n, holder: 'group-me' }]);
  await expect(commits.commit([], offsets, 4)).rejects.toMatchObject({
    code: 'STREAMS_LOG_UNAVAILABLE',
    retryable: true,
  });
});

test('who is about to end does not wait for an outcome that cannot be read', async () => {
  const controller = new AbortController();
  const { commits, native, isCommitted } = open(controller.signal);
  native.failures.set('commitTransaction', [nativeError(-185)]);
  isCommitted(new Promise(() => {}));
  const committing = commits.commit([], offsets, 4);
  await until(() => native.calls.filter((call) => call === 'initTransactions').length > 1);
  controller.abort();
  await expect(committing).rejects.toThrow('whether the last commit was made is not known');
});
