import type { ProducedRecord } from '../log.ts';
import { KafkaAppender } from './kafka-appender.ts';
import { nativeError, ScriptedProducer } from './scripted-producer.ts';

const allBrokersDown = -187;
const timedOut = -185;

function record(topic: string): ProducedRecord {
  return { topic, key: null, value: Buffer.from('x'), timestampMs: 1, headers: [] };
}

function open() {
  const native = new ScriptedProducer();
  const transactions: number[] = [];
  const appender = new KafkaAppender({
    clients: native.clients,
    route: async (records) =>
      records.map((one) => ({ topic: one.topic, partition: 0, record: one })),
    transact: async (records) => {
      transactions.push(records.length);
      return records.map(({ topic, partition }) => ({ topic, partition, offset: 1n }));
    },
    timeoutMs: 1_000,
  });
  return { native, appender, transactions };
}

test('writes one record by itself and several in a transaction', async () => {
  const { appender, transactions } = open();
  expect(await appender.append([record('a')])).toEqual([{ topic: 'a', partition: 0, offset: 7n }]);
  await appender.append([record('a'), record('b')]);
  expect(transactions).toEqual([2]);
});

test('does not know what became of a record that the brokers have not answered', async () => {
  const { native, appender } = open();
  native.delivers = false;
  const appending = appender.append([record('a')]);
  appending.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 5));
  native.expire();
  await expect(appending).rejects.toMatchObject({
    code: 'STREAMS_OUTCOME_UNKNOWN',
    retryable: true,
  });
});

test('hands nothing over while no broker answers, and goes on when one does', async () => {
  const { native, appender } = open();
  await appender.append([record('a')]);
  native.emit('event.error', nativeError(allBrokersDown));
  native.failures.set('getMetadata', [nativeError(timedOut)]);
  native.calls.length = 0;
  const both = [appender.append([record('a')]), appender.append([record('a'), record('b')])];
  for (const one of both)
    await expect(one).rejects.toMatchObject({ code: 'STREAMS_LOG_UNAVAILABLE', retryable: true });
  expect(native.calls).toEqual(['getMetadata']);
  await appender.append([record('a')]);
  await appender.append([record('a')]);
  const asked = ['getMetadata', 'getMetadata', 'produce a', 'produce a'];
  expect(native.calls).toEqual(asked);
});
