import { emptyCommit, join, produced, take, values } from '../contract/contract-fixture.ts';
import { MemoryStorage } from '../memory/memory-storage.ts';
import { InProcessLog } from './in-process-log.ts';
import type { TableWrite } from './ordered-storage.ts';

/** Counts transactions, holds them back and fails them as a test says. */
class ControlledStorage extends MemoryStorage {
  transactions = 0;
  failing = false;
  #gate: Promise<void> = Promise.resolve();

  hold(): () => void {
    let open = () => {};
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  }

  override async write(writes: readonly TableWrite[]): Promise<void> {
    await this.#gate;
    if (this.failing) throw new Error('no space left on device');
    this.transactions += 1;
    return super.write(writes);
  }
}

const topic = { name: 't', partitions: 1, cleanupPolicy: 'delete', retentionMs: -1 } as const;

async function open() {
  const storage = new ControlledStorage();
  const log = new InProcessLog(storage, {
    maxRecordBytes: 1_000,
    rebalanceTimeoutMs: 1_000,
    cleanIntervalMs: 60_000,
    tombstoneRetentionMs: 1_000,
    now: () => 0,
    commitsState: true,
    readOnly: false,
  });
  await log.createTopics([topic]);
  storage.transactions = 0;
  return { storage, log };
}

test('appends that wait for a transaction share the next one', async () => {
  const { storage, log } = await open();
  const release = storage.hold();
  const first = log.append([produced(topic, 'a')]);
  await new Promise((resolve) => setImmediate(resolve));
  const waiting = Array.from({ length: 100 }, () => log.append([produced(topic, 'b')]));
  release();
  await Promise.all([first, ...waiting]);
  expect(storage.transactions).toBe(2);
  await log.close();
});

test('nothing is visible before it is durable', async () => {
  const { storage, log } = await open();
  const reader = log.openReader();
  reader.assign([{ topic: 't', partition: 0, offset: 0n }]);
  const release = storage.hold();
  const append = log.append([produced(topic, 'a')]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await reader.poll({ maxWaitMs: 0 })).toEqual([]);
  expect((await log.describeTopic('t')).offsets[0]?.end).toBe(0n);
  release();
  await append;
  expect(await reader.poll({ maxWaitMs: 0 })).toHaveLength(1);
  await log.close();
});

test('a transaction that fails takes its offsets back and can be tried again', async () => {
  const { storage, log } = await open();
  await log.append([produced(topic, 'a')]);
  storage.failing = true;
  await expect(log.append([produced(topic, 'b')])).rejects.toMatchObject({
    code: 'STREAMS_LOG_UNAVAILABLE',
    retryable: true,
  });
  storage.failing = false;
  expect((await log.append([produced(topic, 'c')]))[0]?.offset).toBe(1n);
  await log.close();
});

test('closing waits for what was asked before, and refuses what comes after', async () => {
  const { storage, log } = await open();
  const release = storage.hold();
  const append = log.append([produced(topic, 'a')]);
  const closed = log.close();
  await expect(log.append([produced(topic, 'b')])).rejects.toMatchObject({
    code: 'STREAMS_LOG_CLOSED',
  });
  release();
  expect((await append)[0]?.offset).toBe(0n);
  await closed;
});

test('a successor begins behind a commit that was in the air when its predecessor was fenced', async () => {
  const { storage, log } = await open();
  await log.append(['a', 'b'].map((value) => produced(topic, value)));
  const first = await join(log, 'g', [topic]);
  await take(first, 2);
  const release = storage.hold();
  const inTheAir = first.commit({
    ...emptyCommit,
    offsets: [{ topic: 't', partition: 0, offset: 2n }],
  });
  await new Promise((resolve) => setImmediate(resolve));
  await first.close();
  const second = await join(log, 'g', [topic]);
  await new Promise((resolve) => setImmediate(resolve));
  release();
  await inTheAir;
  await log.append([produced(topic, 'c')]);
  expect(values(await take(second, 1))).toEqual(['c']);
  await log.close();
});

test('a member whose offset retention has removed goes on from the earliest, and is told', async () => {
  const { log } = await open();
  const startFrom = 'latest';
  let told = () => {};
  const assigned = new Promise<void>((resolve) => {
    told = resolve;
  });
  const listener = { onAssigned: async () => told(), async onRevoked() {} };
  const first = await log.joinGroup({ groupId: 'g', topics: ['t'], startFrom, listener });
  await assigned;
  await log.append(['a', 'b', 'c'].map((value) => produced(topic, value)));
  await first.commit({ ...emptyCommit, offsets: [{ topic: 't', partition: 0, offset: 0n }] });
  await first.close();
  await purgeBefore(log, 1n);
  const second = await log.joinGroup({ groupId: 'g', topics: ['t'], startFrom, listener });
  const [batch] = await second.poll({ maxRecords: 1, maxWaitMs: 1_000 });
  expect(values(batch?.records ?? [])).toEqual(['b']);
  await log.append([produced(topic, 'd')]);
  await purgeBefore(log, 3n);
  const [overtaken] = await second.poll({ maxWaitMs: 1_000 });
  expect(values(overtaken?.records ?? [])).toEqual(['d']);
  expect(overtaken?.lostRecords).toBe(1n);
  await log.close();
});

/** As retention does it, whoever has read what. */
async function purgeBefore(log: InProcessLog, beforeOffset: bigint): Promise<void> {
  const purger = await join(log, 'purger', [topic]);
  await purger.commit({ ...emptyCommit, purge: [{ topic: 't', partition: 0, beforeOffset }] });
  await purger.close();
}
