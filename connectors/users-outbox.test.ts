import { type UserEvent, type UserId, userEvents } from '#schemas/users';
import { type MemoryLog, memoryLog, memoryRegistry } from '#streams';
import { temporaryDirectories } from './embedded/temporary-directory.ts';
import { openEmbeddedUsers } from './embedded/users-store.ts';
import { changeDecoder, sinkFeed } from './sink-feed.ts';
import type { Timing } from './timing.ts';
import { outboxIdHeader, relayUsersOutbox } from './users-outbox.ts';

const newDirectory = temporaryDirectories();
const registry = memoryRegistry();
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Idle sleeps last until they are ended; waits before another attempt are over at once. */
const timing: Timing = {
  nowMs: () => 1_000,
  random: () => 0,
  sleep: (ms, signal) =>
    ms < 5_000 || signal.aborted
      ? Promise.resolve()
      : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
};

function openStore(directory = newDirectory()) {
  const store = openEmbeddedUsers({ directory });
  closing.push(() => store.close());
  return store;
}

function openLog(): MemoryLog {
  const log = memoryLog();
  closing.push(() => log.close());
  return log;
}

async function register(store: ReturnType<typeof openStore>, ...ids: string[]) {
  for (const id of ids) {
    const user = {
      id: id as UserId,
      email: `${id}@example.com`,
      name: id,
      roles: ['shopper'] as const,
      passwordHash: 'secret hash',
      createdAtMs: 1,
    };
    const event: UserEvent = { type: 'UserRegistered', role: 'shopper', at: 1 };
    await store.create(user, event);
  }
}

/** The next `count` records of the topic, as user ids with their outbox numbers. */
async function relayed(log: MemoryLog, count: number) {
  const reader = log.openReader();
  const { offsets } = await log.describeTopic(userEvents.name);
  reader.assign(offsets.map((_, partition) => ({ topic: userEvents.name, partition, offset: 0n })));
  const writer = { name: '', positions: async () => [], apply: async () => {} };
  const decoder = await changeDecoder(sinkFeed(userEvents, writer), registry);
  const found: { user: unknown; value: unknown; number: number }[] = [];
  while (found.length < count) {
    for (const { records } of await reader.poll({ maxWaitMs: 60_000 })) {
      for (const record of records) {
        const { key, value } = await decoder.decode(record);
        const header = record.headers.find((it) => it.key === outboxIdHeader);
        found.push({ user: key, value, number: Number(Buffer.from(header?.value ?? [])) });
      }
    }
  }
  await reader.close();
  return found.sort((a, b) => a.number - b.number);
}

test('brings to the log what is in the outbox at the start and what comes later', async () => {
  const [store, log] = [openStore(), openLog()];
  await register(store, 'anna');
  const relay = await relayUsersOutbox({ store, log, registry, timing });
  closing.push(() => relay.close());
  await relayed(log, 1);
  await register(store, 'ben');
  const found = await relayed(log, 2);
  expect(found.map(({ user }) => user)).toEqual(['anna', 'ben']);
  expect(found[0]?.value).toEqual({ type: 'UserRegistered', role: 'shopper', at: 1 });
  await relay.close();
  expect(await store.outbox(10)).toEqual([]);
});

test('keeps the order of more entries than it takes at once', async () => {
  const [store, log] = [openStore(), openLog()];
  const ids = Array.from({ length: 250 }, (_, index) => `user-${index}`);
  await register(store, ...ids);
  const appended: number[] = [];
  const noting = new Proxy(log, {
    get: (target, name) =>
      name === 'append'
        ? (records: Parameters<MemoryLog['append']>[0]) => {
            appended.push(...records.map(({ headers }) => Number(headers[0]?.value)));
            return target.append(records);
          }
        : Reflect.get(target, name, target).bind(target),
  });
  const relay = await relayUsersOutbox({ store, log: noting, registry, timing });
  await relayed(log, 250);
  await relay.close();
  expect(appended).toEqual([...appended].sort((a, b) => a - b));
  expect(appended).toHaveLength(250);
});

test('sends an entry again that it could not forget, under the same number', async () => {
  const [store, log] = [openStore(), openLog()];
  await register(store, 'anna');
  const troubles: string[] = [];
  let crashes = 1;
  const crashing = {
    ...store,
    forget: async (id: number) => {
      if (crashes-- > 0) throw new Error('killed');
      await store.forget(id);
    },
  };
  const onTrouble = (error: Error) => troubles.push(error.message);
  const relay = await relayUsersOutbox({ store: crashing, log, registry, timing, onTrouble });
  const found = await relayed(log, 2);
  await relay.close();
  expect(found.map(({ user }) => user)).toEqual(['anna', 'anna']);
  expect(found[0]?.number).toBe(found[1]?.number);
  expect(troubles).toEqual(['killed']);
  expect(await store.outbox(10)).toEqual([]);
});

test('puts no credential into the log', async () => {
  const [store, log] = [openStore(), openLog()];
  await register(store, 'anna');
  const relay = await relayUsersOutbox({ store, log, registry, timing });
  closing.push(() => relay.close());
  const found = JSON.stringify(await relayed(log, 1));
  expect(found).not.toMatch(/secret|example\.com/);
});
