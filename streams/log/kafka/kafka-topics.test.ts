import type { KafkaClients } from './kafka-clients.ts';
import { KafkaTopics } from './kafka-topics.ts';
import { NativeAdmins } from './native-admins.ts';
import type { NativeAdmin } from './native-client.ts';
import { nativeError } from './scripted-producer.ts';
import type { TopicConfigs } from './topic-configs.ts';

const where = { topic: 'orders', partition: 0 };

class OffsetSpec {
  static readonly EARLIEST = 'earliest';
  static readonly LATEST = 'latest';
  readonly timestampMs: number;

  constructor(timestampMs: number) {
    this.timestampMs = timestampMs;
  }
}

/** The first admin fails with `code` whatever it is asked, the next one does not. */
function open(code: number) {
  return openOver([
    adminThat((callback) => callback(nativeError(code))),
    adminThat((callback) => callback(null, [{ ...where, offset: 7 }])),
  ]);
}

/** One admin, with these answers one after the other. */
function answering(...answers: readonly (readonly unknown[])[]) {
  const left = [...answers];
  return openOver([adminThat((callback) => callback(null, left.shift()))]);
}

function openOver(all: NativeAdmin[]) {
  const clients = {
    admins: new NativeAdmins(() => all.shift() as NativeAdmin),
    native: { OffsetSpec },
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

const answeredAs = (offset: number) => [{ ...where, offset }];

test.each([
  ['no offset', answeredAs(-1001)],
  ['none that there is', answeredAs(-1)],
  ['nothing', []],
])('asks again when a new leader answers %s and no error', async (_what, answer) => {
  const topics = answering(answer, answeredAs(7));
  expect(await topics.offsets([{ ...where, at: 'end' }])).toEqual([7n]);
});

test('answers -1 for a time after all that is there, and asks again where nothing is known', async () => {
  expect(await answering(answeredAs(-1)).offsets([{ ...where, at: 5 }])).toEqual([-1n]);
  const known = answering(answeredAs(-1001), answeredAs(3));
  expect(await known.offsets([{ ...where, at: 5 }])).toEqual([3n]);
});
