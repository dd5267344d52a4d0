/** Stream threads that keep the state of their tasks on disk, which the main thread reads. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Log, memoryLog, memoryRegistry, StreamsApplication } from '#streams';
import wordCount, { countStore, counts, lines } from './testing/word-count.ts';
import {
  ThreadedStreamsApplication,
  type ThreadedStreamsApplicationOptions,
} from './threaded-streams-application.ts';

const module = new URL('./testing/word-count.ts', import.meta.url);
const root = mkdtempSync(join(tmpdir(), 'threads-local-state-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directories = 0;

let log: Log;
let stateDirectory: string;
let signal: Int32Array<SharedArrayBuffer>;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  signal = new Int32Array(new SharedArrayBuffer(12));
  stateDirectory = join(root, `${++directories}`);
  log = memoryLog({ commitsState: false });
  opened.push(log);
  await log.createTopics([lines, counts]);
});

afterEach(async () => {
  letGo();
  for (const one of opened.splice(0).reverse()) await one.close();
});

function letGo(): void {
  Atomics.store(signal, 1, 1);
  Atomics.notify(signal, 1);
}

function threaded(more: Partial<ThreadedStreamsApplicationOptions> = {}) {
  const app = new ThreadedStreamsApplication({
    applicationId: 'app',
    topology: { module, data: { shared: signal.buffer } },
    threads: 2,
    log,
    registry: memoryRegistry(),
    stateDirectory,
    retryBackoffMs: 1,
    retryBackoffMaxMs: 4,
    ...more,
  });
  opened.push(app);
  return app;
}

async function appendLines(count: number, line: string): Promise<void> {
  const records = Array.from({ length: count }, (_, i) => {
    const bytes = { key: Buffer.from(`${i}`), value: Buffer.from(line) };
    return { topic: lines.name, ...bytes, timestampMs: 1, headers: [] };
  });
  await log.append(records);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** What queries answer, when they do: while tasks move they refuse. */
async function countsIn(app: ThreadedStreamsApplication): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  try {
    for await (const { key, value } of app.store(countStore).all()) found[key] = value;
  } catch (error) {
    expect(error).toMatchObject({ code: 'STREAMS_STORE_UNAVAILABLE', retryable: true });
  }
  return found;
}

async function untilCounts(
  app: ThreadedStreamsApplication,
  expected: Record<string, number>,
): Promise<void> {
  const sorted = (found: Record<string, number>) => JSON.stringify(Object.entries(found).sort());
  await until(async () => sorted(await countsIn(app)) === sorted(expected));
}

const unavailable = { code: 'STREAMS_STORE_UNAVAILABLE', retryable: true };

test('answer queries from disk, by key and as a whole, while a processor keeps them busy', async () => {
  const app = threaded({ threads: 1 });
  await app.start();
  await appendLines(100, 'a');
  await appendLines(50, 'b');
  await until(
    async () =>
      (await app
        .store(countStore)
        .get('b')
        .catch(() => 0)) === 50,
  );
  await appendLines(1, 'stuck');
  await until(() => Atomics.load(signal, 0) > 0);
  const store = app.store(countStore);
  expect(await store.get('a')).toBe(100);
  expect(await store.get('stuck')).toBeUndefined(); // It is not committed.
  expect(await countsIn(app)).toEqual({ a: 100, b: 50 });
  expect(Atomics.load(signal, 1)).toBe(0); // It is stuck still.
  letGo();
  await until(async () => (await store.get('stuck')) === 1);
});

test('answer nothing of tasks that are being taken from them, however busy they are', async () => {
  const app = threaded({ threads: 1 });
  await app.start();
  await appendLines(10, 'a');
  await until(
    async () =>
      (await app
        .store(countStore)
        .get('a')
        .catch(() => 0)) === 10,
  );
  await appendLines(1, 'stuck');
  await until(() => Atomics.load(signal, 0) > 0);
  const other = new StreamsApplication({
    applicationId: 'app',
    topology: wordCount({ shared: signal.buffer }),
    log,
    registry: memoryRegistry(),
  });
  opened.push(other);
  await other.start();
  await until(async () => {
    const refused = await app
      .store(countStore)
      .get('a')
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    if (refused !== undefined) expect(refused).toMatchObject(unavailable);
    return refused !== undefined;
  });
  letGo();
  await until(() => other.metrics().tasks.length > 0 && app.state === 'running');
  // Each key is answered by the one that has it now, and by nobody else.
  const answers = async () =>
    Promise.allSettled([app, other].map((one) => one.store(countStore).get('a')));
  await until(async () => (await answers()).some(({ status }) => status === 'fulfilled'));
  const settled = await answers();
  expect(settled.filter(({ status }) => status === 'fulfilled')).toEqual([
    { status: 'fulfilled', value: 10 },
  ]);
});

test('are replaced when one is gone, which leaves its tasks to the next at once', async () => {
  let failures = 0;
  const app = threaded({
    onThreadFailure: () => {
      failures += 1;
      return 'replace-thread';
    },
  });
  await app.start();
  await appendLines(300, 'a');
  await appendLines(5, 'exit');
  await appendLines(300, 'a');
  await untilCounts(app, { a: 600, exit: 5 });
  expect(failures).toBe(1);
  await until(() => app.metrics().tasks.length === 12);
});

test('go on from what is on disk, also after they were ended by force', async () => {
  const first = threaded({ closeTimeoutMs: 50 });
  await first.start();
  await appendLines(400, 'a');
  await untilCounts(first, { a: 400 });
  await appendLines(1, 'stuck');
  await until(() => Atomics.load(signal, 0) > 0);
  await first.close();
  expect(first.state).toBe('error');
  letGo();
  const second = threaded();
  await second.start();
  await untilCounts(second, { a: 400, stuck: 1 });
  await second.close();
  const third = threaded();
  await third.start();
  await third.running();
  await untilCounts(third, { a: 400, stuck: 1 });
  expect(third.metrics().restoredRecords).toBe(0);
});

test('stand by for nobody of their own process, which has the state already', async () => {
  const app = threaded({ standbyReplicas: 1 });
  await app.start();
  await appendLines(100, 'a');
  await untilCounts(app, { a: 100 });
  await new Promise((resolve) => setTimeout(resolve, 1_200)); // Standbys are placed each second.
  expect(app.metrics()).toMatchObject({ standbys: [], standbyFailures: 0 });
});
