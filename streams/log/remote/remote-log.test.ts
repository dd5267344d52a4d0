import { MessageChannel } from 'node:worker_threads';
import {
  join,
  newTopic,
  ownership,
  produced,
  readerAt,
  take,
  until,
  values,
} from '../contract/contract-fixture.ts';
import type { Log, RebalanceListener, TopicPartition } from '../log.ts';
import { logContract } from '../log-contract.ts';
import { memoryLog } from '../memory/memory-log.ts';
import type { HostMethods } from './log-calls.ts';
import { PortCalls } from './port-calls.ts';
import { openRemoteLog } from './remote-log.ts';
import { serveLog } from './serve-log.ts';

/** `end`: what happens when the thread is gone from one moment to the next. */
async function remote(log: Log): Promise<{ readonly log: Log; readonly end: () => void }> {
  const { port1, port2 } = new MessageChannel();
  serveLog(log, new PortCalls(port1));
  const host = new PortCalls<HostMethods>(port2);
  return { log: await openRemoteLog(host), end: () => host.close() };
}

/** Closing it closes the log that is served, too. */
async function remoteOfItsOwn(served: Log): Promise<Log> {
  const { log, end } = await remote(served);
  const close = log.close.bind(log);
  log.close = async () => {
    await close();
    end();
    await served.close();
  };
  return log;
}

logContract('a log in another thread', {
  open: async (options) => remoteOfItsOwn(memoryLog(options)),
});

describe('a log in another thread', () => {
  const served = memoryLog({ maxRecordBytes: 10 });
  afterAll(() => served.close());

  test('checks a record here, by what it knows of the topics', async () => {
    const topic = newTopic({ cleanupPolicy: 'compact' });
    await served.createTopics([topic]);
    const { log, end } = await remote(served);
    const later = newTopic();
    await log.createTopics([later]);
    const key = Buffer.from('k');
    expect(() => log.checkRecord(produced(topic, 'fits', { key }))).not.toThrow();
    expect(() => log.checkRecord(produced(topic, 'without key'))).toThrow(/has no key/);
    expect(() => log.checkRecord(produced(later, 'much too large'))).toThrow(/the log takes 10/);
    expect(() => log.checkRecord(produced(later, '', { partition: 1 }))).toThrow(/no partition 1/);
    expect(() => log.checkRecord(produced(newTopic(), 'who knows'))).not.toThrow();
    end();
  });

  test('gives its partitions to others when its thread is gone', async () => {
    const topic = newTopic({ partitions: 2 });
    await served.createTopics([topic]);
    const { log, end } = await remote(served);
    const [there, here] = [ownership(), ownership()];
    const stuck = { ...there.listener, onRevoked: () => new Promise<void>(() => {}) };
    const first = await join(log, `${topic.name}-group`, [topic], stuck);
    await until(() => there.owned.size === 2, first);
    const member = await join(served, `${topic.name}-group`, [topic], here.listener);
    end();
    await until(() => here.owned.size === 2, member);
    await member.close();
    await expect(log.describeTopics()).rejects.toMatchObject({ code: 'STREAMS_LOG_CLOSED' });
  });

  test('has polled ahead when more is there, and forgets it when it reads from elsewhere', async () => {
    const topic = newTopic();
    await served.createTopics([topic]);
    await served.append(['a', 'b', 'c', 'd'].map((value) => produced(topic, value)));
    const { log, end } = await remote(served);
    const reader = readerAt(log, topic);
    expect(values(await take(reader, 1, { maxRecords: 1 }))).toEqual(['a']);
    reader.assign([{ topic: topic.name, partition: 0, offset: 2n }]);
    expect(values(await take(reader, 2, { maxRecords: 1 }))).toEqual(['c', 'd']);
    end();
  });

  test('fails a poll, not the thread, when a reader cannot be opened or moved', async () => {
    const closed = memoryLog();
    const { log, end } = await remote(closed);
    const reader = log.openReader();
    reader.assign([{ topic: 'nowhere', partition: 0, offset: 0n }]);
    await expect(reader.poll({ maxWaitMs: 0 })).rejects.toMatchObject({
      code: 'STREAMS_TOPIC_UNKNOWN',
    });
    await closed.close();
    await expect(log.openReader().poll({ maxWaitMs: 0 })).rejects.toMatchObject({
      code: 'STREAMS_LOG_CLOSED',
    });
    end();
  });
});

describe('what is told of a log to another thread, and of that thread here', () => {
  test('checks a record by the limit of its topic, where topics have one', async () => {
    const [small, large] = [newTopic(), newTopic()];
    const limits = new Map([
      [small.name, 200],
      [large.name, 400],
    ]);
    const limited = memoryLog() as Log;
    limited.maxMessageBytes = (topic) => limits.get(topic);
    await limited.createTopics([small]);
    const { log, end } = await remote(limited);
    await log.createTopics([large]); // A topic that it makes itself.
    await log.describeTopic(large.name);
    const value = Buffer.alloc(150);
    const tooLarge = expect.objectContaining({ code: 'STREAMS_RECORD_TOO_LARGE' });
    expect(() => log.checkRecord(produced(small, '', { value }))).toThrow(tooLarge);
    expect(() => log.checkRecord(produced(large, '', { value }))).not.toThrow();
    const headers = [{ key: 'trace', value: Buffer.alloc(150) }];
    expect(() => log.checkRecord(produced(large, '', { value, headers }))).toThrow(tooLarge);
    end();
    await limited.close();
  });

  test('tells whether partitions of its members are being taken away', async () => {
    const topic = newTopic({ partitions: 2 });
    const served = memoryLog();
    await served.createTopics([topic]);
    const { port1, port2 } = new MessageChannel();
    const there = serveLog(served, new PortCalls(port1));
    const host = new PortCalls<HostMethods>(port2);
    const log = await openRemoteLog(host);
    const { owned, listener } = ownership();
    let answer: (() => void) | undefined;
    const onRevoked = () => new Promise<void>((resolve) => (answer = resolve));
    const first = await join(log, `${topic.name}-group`, [topic], { ...listener, onRevoked });
    await until(() => owned.size === 2, first);
    expect(there.isLosing).toBe(false);
    const second = await join(served, `${topic.name}-group`, [topic]);
    await until(() => answer !== undefined, second);
    expect(there.isLosing).toBe(true);
    answer?.();
    await until(() => !there.isLosing, second);
    host.close();
    await second.close();
    await served.close();
  });
});

describe('a member in another thread', () => {
  test('passes on which partitions it keeps, which come to it, and for which it is ready', async () => {
    const topic = newTopic({ partitions: 2 });
    const served = memoryLog();
    await served.createTopics([topic]);
    const here: { listener?: RebalanceListener; ready: TopicPartition[] } = { ready: [] };
    const joinGroup: Log['joinGroup'] = async (options) => {
      here.listener = options.listener;
      const member = await served.joinGroup(options);
      member.ready = (partitions) => here.ready.push(...partitions);
      return member;
    };
    const { log, end } = await remote(
      new Proxy(served, {
        get(target, name) {
          if (name === 'joinGroup') return joinGroup;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
    );
    const [one, other] = [0, 1].map((partition) => ({ topic: topic.name, partition }));
    const coming: (readonly TopicPartition[])[] = [];
    const member = await join(log, `${topic.name}-group`, [topic], {
      keeps: async (partitions) => partitions.slice(1),
      onComing: async (partitions) => void coming.push(partitions),
    });
    expect(await here.listener?.keeps?.([one, other] as TopicPartition[])).toEqual([other]);
    await here.listener?.onComing?.([one] as TopicPartition[]);
    expect(coming).toEqual([[one]]);
    member.ready?.([one] as TopicPartition[]);
    await until(() => here.ready.length > 0, member);
    expect(here.ready).toEqual([one]);
    await member.close();
    end();
    await served.close();
  });
});
