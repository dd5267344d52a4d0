import { StreamsError } from '../../errors.ts';
import { until } from '../../testing/until.ts';
import type { NativeTopicDescription } from './native-client.ts';
import type { RoutedRecord } from './record-router.ts';
import { TopicWatch } from './topic-watch.ts';
import { TopicsInUse } from './topics-in-use.ts';

type Answer = Partial<NativeTopicDescription>;

const gone: Answer = { error: { code: 3, message: 'Unknown topic' }, partitions: [] };
const lookEveryMs = 5;

let stop = () => {};
afterEach(() => stop());

function open(answers: Record<string, Answer | Error>) {
  const troubles: StreamsError[] = [];
  const unusable: StreamsError[] = [];
  const asked: string[][] = [];
  const limits = { areLower: false };
  const describe = async (names: readonly string[]) => {
    asked.push([...names]);
    return names.map((name) => {
      const answer = answers[name] ?? {};
      if (answer instanceof Error) throw answer;
      return { name, partitions: [{ partition: 0 }], topicId: 'first', ...answer };
    });
  };
  const inUse = new TopicsInUse({
    reads: ['orders'],
    describe,
    makesSmallerBatches: async (names) => names.includes('totals') && limits.areLower,
    tellTrouble: (error) => troubles.push(error),
    onUnusable: (error) => unusable.push(error),
  });
  inUse.writes([{ topic: 'totals' } as RoutedRecord]);
  const watch = () => {
    const watching = new TopicWatch(describe, lookEveryMs);
    watching.add(inUse);
    stop = () => watching.remove(inUse);
    return watching;
  };
  return { inUse, watch, troubles, unusable, asked, limits };
}

test('a topic that is gone is told of at once, by its name, and is an error when it stays away', async () => {
  const { watch, troubles, unusable, asked } = open({ orders: gone });
  watch();
  await until(() => unusable.length > 0);
  expect(asked.length).toBe(3);
  for (const [error] of [troubles, unusable]) {
    expect(error).toMatchObject({ code: 'STREAMS_TOPIC_UNKNOWN', retryable: false });
    expect(error?.message).toContain("'orders'");
  }
  await until(() => asked.length > 4);
  expect([troubles.length, unusable.length]).toEqual([1, 1]);
});

test('a topic that one broker does not know for a moment is no error', async () => {
  const answers: Record<string, Answer> = { totals: gone };
  const { watch, troubles, unusable, asked } = open(answers);
  watch();
  await until(() => asked.length === 2);
  answers['totals'] = {};
  await until(() => asked.length === 3);
  answers['totals'] = gone;
  await until(() => asked.length === 5);
  expect(unusable).toEqual([]);
  expect(troubles.length).toBe(2);
});

test('brokers that do not answer say nothing of a topic', async () => {
  const { watch, troubles, asked } = open({ orders: new Error('timed out') });
  watch();
  await until(() => asked.length > 4);
  expect(troubles).toEqual([]);
});

test.each`
  topic       | operations   | code
  ${'orders'} | ${[8, 4]}    | ${'STREAMS_LOG_REFUSED'}
  ${'totals'} | ${[8, 3]}    | ${'STREAMS_LOG_REFUSED'}
  ${'orders'} | ${[8, 3]}    | ${undefined}
  ${'totals'} | ${[8, 4]}    | ${undefined}
  ${'totals'} | ${[]}        | ${undefined}
  ${'totals'} | ${undefined} | ${undefined}
`('with the operations $operations on $topic the error is $code', async (row) => {
  const { inUse } = open({ [row.topic]: { authorizedOperations: row.operations } });
  const refused = new StreamsError('STREAMS_LOG_REFUSED', 'somebody said no');
  const explained = (await inUse.explained(refused)) as StreamsError;
  if (row.code === undefined) expect(explained).toBe(refused);
  else expect(explained.message).toContain(`'${row.topic}'`);
});

test('an input that was made anew has other offsets, an output goes on', async () => {
  const answers: Record<string, Answer> = {};
  const { watch, unusable, asked } = open(answers);
  watch();
  await until(() => asked.length > 0);
  answers['totals'] = { topicId: 'second' };
  await until(() => asked.length > 4);
  expect(unusable).toEqual([]);
  answers['orders'] = { topicId: 'second' };
  await until(() => unusable.length > 0);
  expect(unusable[0]).toMatchObject({ code: 'STREAMS_OFFSET_OUT_OF_RANGE' });
});

test('an unknown topic is for good only when the cluster does not know it either', async () => {
  const answers: Record<string, Answer> = {};
  const { inUse } = open(answers);
  const unknown = new StreamsError('STREAMS_TOPIC_UNKNOWN', 'nothing was committed');
  expect(await inUse.explained(unknown)).toMatchObject({ retryable: true });
  answers['totals'] = gone;
  expect(await inUse.explained(unknown)).toMatchObject({
    code: 'STREAMS_TOPIC_UNKNOWN',
    retryable: false,
    message: expect.stringContaining("'totals'"),
  });
});

test('a batch that is too large is made smaller, if the limit was lowered; else the record is', async () => {
  const { inUse, limits } = open({});
  const tooLarge = new StreamsError('STREAMS_RECORD_TOO_LARGE', 'too large');
  expect(await inUse.explained(tooLarge)).toBe(tooLarge);
  limits.areLower = true;
  expect(await inUse.explained(tooLarge)).toMatchObject({ retryable: true });
  const named = new StreamsError('STREAMS_RECORD_TOO_LARGE', "a record for 'totals'");
  const check = () => {
    throw named;
  };
  expect(await inUse.explained(tooLarge, check)).toBe(named);
});

test('what is about no topic is left as it is', async () => {
  const { inUse, asked } = open({ orders: gone });
  const error = new StreamsError('STREAMS_LOG_UNAVAILABLE', 'away', { retryable: true });
  expect(await inUse.explained(error)).toBe(error);
  expect(asked).toEqual([]);
});

test('the topics of several members are looked at together, and each hears of its own', async () => {
  const { watch, asked, unusable } = open({ orders: gone });
  const watching = watch();
  const seen: string[] = [];
  const other = {
    names: ['carts', 'totals'],
    look: (all: readonly NativeTopicDescription[]) => seen.push(...all.map(({ name }) => name)),
  };
  watching.add(other);
  await until(() => unusable.length > 0);
  expect(asked.at(-1)).toEqual(['orders', 'totals', 'carts']);
  expect(seen).toContain('carts');
  watching.remove(other);
  await until(() => asked.at(-1)?.length === 2);
});
