import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cartCommands } from '#schemas/carts';
import type { Sku } from '#schemas/items';
import { type CommandId, type CommandReply, commandReplies } from '#schemas/replies';
import type { UserId } from '#schemas/users';
import { type AvroJson, type Log, type SchemaRegistry, StreamsError } from '#streams';
import { openEmbeddedLog } from '#streams/embedded';
import { type CommandBus, openCommandBus } from './command-bus.ts';
import { topicWriter } from './topic-writer.ts';

const anna = 'user_anna' as UserId;
const clock = { nowMs: () => 1_000 };
let folder: string;
let log: Log;
let bus: CommandBus;
const registry = memoryRegistry();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-bus-'));
  log = await openEmbeddedLog({ directory: join(folder, 'log') });
  await log.createTopics([cartCommands, commandReplies]);
  bus = await openCommandBus({ log, registry, clock });
});
afterEach(async () => {
  await bus.close();
  await log.close();
  await rm(folder, { recursive: true });
});

function memoryRegistry(): SchemaRegistry {
  const schemas: AvroJson[] = [];
  return {
    register: async (_subject, schema) => schemas.push(schema),
    schema: (id) => schemas[id - 1],
    load: async (id) => schemas[id - 1] as AvroJson,
  };
}

const remove = (id: string) =>
  ({ type: 'RemoveCartLine', commandId: id as CommandId, sku: 'TEA-250' as Sku }) as const;

async function decide(id: string, change: Partial<CommandReply> = {}): Promise<void> {
  const reply: CommandReply = {
    commandId: id as CommandId,
    outcome: 'accepted',
    version: 7,
    code: null,
    message: null,
    details: [],
    ...change,
  };
  const writer = topicWriter({ log, registry, clock });
  await writer.append(commandReplies, [{ key: anna, value: reply }]);
}

async function written(): Promise<bigint> {
  const { offsets } = await log.describeTopic(cartCommands.name);
  return offsets.reduce((sum, { end }) => sum + end, 0n);
}

test('a command is durable, and its reply is the answer', async () => {
  const answer = bus.send(cartCommands, anna, remove('cmd_1'));
  await decide('cmd_0', { version: 1 });
  await decide('cmd_1');
  expect(await answer).toMatchObject({ commandId: 'cmd_1', version: 7 });
  expect(await written()).toBe(1n);
});

test('the same command sent twice at once is answered twice', async () => {
  const answers = [1, 2].map(() => bus.send(cartCommands, anna, remove('cmd_1')));
  await decide('cmd_1');
  expect(await Promise.all(answers)).toMatchObject([{ version: 7 }, { version: 7 }]);
});

test('no decision in time says so, and that it may still come', async () => {
  const answer = bus.send(cartCommands, anna, remove('cmd_1'), { timeoutMs: 20 });
  await expect(answer).rejects.toMatchObject({
    code: 'not-decided-in-time',
    headers: { 'retry-after': '2' },
    message: expect.stringContaining('may still take effect'),
  });
});

test('a log that is away says so at once', async () => {
  log.append = () => Promise.reject(new Error('no disk'));
  const answer = bus.send(cartCommands, anna, remove('cmd_1'));
  await expect(answer).rejects.toMatchObject({ code: 'log-unavailable', statusCode: 503 });
});

test('a log that does not say whether it took a command is not taken for one that did not', async () => {
  const unknown = new StreamsError('STREAMS_OUTCOME_UNKNOWN', 'no broker has answered');
  log.append = () => Promise.reject(unknown);
  const answer = bus.submit(cartCommands, anna, remove('cmd_1'));
  await expect(answer).rejects.toMatchObject({ code: 'not-decided-in-time', statusCode: 503 });
});

test('many commands are taken in order, no faster than the log takes them', async () => {
  let pulled = 0;
  let ahead = 0;
  const append = log.append.bind(log);
  let durable = 0;
  log.append = async (records) => {
    const metadata = await append(records);
    durable += records.length;
    return metadata;
  };
  async function* commands() {
    for (; pulled < 5_000; pulled += 1) {
      ahead = Math.max(ahead, pulled - durable);
      yield { key: anna, value: remove(`cmd_${pulled}`) };
    }
  }
  expect(await bus.submitAll(cartCommands, commands())).toBe(5_000);
  expect(await written()).toBe(5_000n);
  expect(ahead).toBeLessThanOrEqual(1_000);
});

test('what came before a broken input is kept', async () => {
  async function* commands() {
    yield { key: anna, value: remove('cmd_1') };
    throw new Error('the line went dead');
  }
  await expect(bus.submitAll(cartCommands, commands())).rejects.toThrow('the line went dead');
  expect(await written()).toBe(1n);
});
