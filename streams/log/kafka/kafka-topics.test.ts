import type { KafkaClients } from './kafka-clients.ts';
import { KafkaTopics } from './kafka-topics.ts';
import { NativeAdmins } from './native-admins.ts';
import type { NativeAdmin } from './native-client.ts';
import { nativeError } from './scripted-producer.ts';
import type { TopicConfigs } from './topic-configs.ts';

const where = { topic: 'orders', partition: 0 };

/** The first admin fails with `code` whatever it is asked, the next one does not. */
function open(code: number) {
  const failing = adminThat((callback) => callback(nativeError(code)));
  const answering = adminThat((callback) => callback(null, [{ ...where, offset: 7 }]));
  const all = [failing, answering];
  const clients = {
    admins: new NativeAdmins(() => all.shift() as NativeAdmin),
    native: { OffsetSpec: { EARLIEST: 'earliest', LATEST: 'latest' } },
  };
  return new KafkaTopics(clients as unknown as KafkaClients, {} as TopicConfigs, 1);
}

function adminThat(answers: (callback: (error: unknown, result?: unknown) => void) => void) {
  return {
    listOffsets: (_partitions: unknown, _options: unknown, callback: never) => answers(callback),
    describeTopics: (
      _names: unknown,
      _options: unknown,
      callback: (error: null, all: []) => void,
    ) => callback(null, []),
    disconnect() {},
  } as unknown as NativeAdmin;
}

test.each`
  code    | why
  ${74}   | ${'knows an old epoch of the leader'}
  ${75}   | ${'knows an epoch that a broker does not know'}
  ${-185} | ${'asks a leader that has gone until its time is over'}
`('asks another admin when one $why', async ({ code }) => {
  expect(await open(code).offsets([{ ...where, at: 'end' }])).toEqual([7n]);
});
