/** How an application comes into its group when the log does not let it in at once. */
import { memoryRegistry } from '../avro/memory-registry.ts';
import { StreamsError } from '../errors.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { stringSerde } from '../serdes.ts';
import { until } from '../testing/until.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { faultyLog } from './faulty-log.ts';
import { StreamsApplication } from './streams-application.ts';

const text = { key: stringSerde, value: stringSerde, partitions: 1 };
const log = memoryLog();
let app: StreamsApplication | undefined;

beforeAll(() => log.createTopics([topic('names', text)]));
afterEach(() => app?.close());
afterAll(() => log.close());

/** Of an application whose log answers each try to join with the next of `refusals`, and lets it in when it has no more. */
function refusedBy(refusals: readonly StreamsError[]) {
  const builder = new StreamsBuilder();
  builder.stream(topic('names', text)).to(topic('copies', text));
  const tries = { count: 0 };
  const join = () => {
    const refusal = refusals[tries.count];
    tries.count += 1;
    if (refusal !== undefined) throw refusal;
  };
  app = new StreamsApplication({
    applicationId: 'app',
    topology: builder.build(),
    log: faultyLog(log, { join }),
    registry: memoryRegistry(),
    retryBackoffMs: 1,
  });
  return { app, tries };
}

const away = (why: string) => new StreamsError('STREAMS_LOG_UNAVAILABLE', why, { retryable: true });

test('joins as soon as the log lets it', async () => {
  const { app, tries } = refusedBy([away('no coordinator'), away('a coordinator loads')]);
  await app.start();
  await app.running();
  expect(tries.count).toBe(3);
});

test.each([
  new StreamsError('STREAMS_LOG_REFUSED', 'no right'),
  new StreamsError('STREAMS_TOPOLOGY_MISMATCH', 'others run another one', { retryable: true }),
])('tells at once what somebody has to mend: $code', async (refusal) => {
  const { app, tries } = refusedBy([refusal]);
  await expect(app.start()).rejects.toBe(refusal);
  expect([tries.count, app.state]).toEqual([1, 'error']);
});

test('can be closed while it waits to be let in', async () => {
  const { app, tries } = refusedBy(Array.from({ length: 1_000 }, () => away('nobody there')));
  const starting = app.start();
  await until(() => tries.count > 1);
  await app.close();
  await expect(starting).rejects.toMatchObject({ code: 'STREAMS_LOG_UNAVAILABLE' });
  expect(app.state).toBe('closed');
});
