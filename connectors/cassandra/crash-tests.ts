/** kill -9 of the process that writes, and of the server that is written to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { writeAndKill } from '../killed-writer.ts';
import { SinkError } from '../sink-error.ts';
import type { CassandraOptions } from './cassandra-client.ts';
import type { CassandraViews } from './cassandra-views.ts';
import { batchBetween, foldOf, type OrderLog, orderLog, shownBy } from './shop-of-orders.ts';
import type { TestTools } from './test-tools.ts';

const program = new URL('./crash-writer.ts', import.meta.url);
const length = 2_000;

export function crashTests({ server, under }: TestTools): void {
  test('a process leaves what its successor makes the log of', async () => {
    const seed = 11;
    const log = orderLog(length, seed);
    for (const lines of [1, 3, 8]) {
      const acknowledged = await writeAndKill(program, parametersOf(under().options, seed), lines);
      const views = await under().open();
      const end = await endOf(views);
      expect(end).toBeGreaterThanOrEqual(acknowledged);
      expect(end).toBeLessThan(log.length);
      await expectRowsOf(views, log, end);
    }
    const views = await under().open();
    await writeFrom(views, log, await endOf(views), () => {});
    expect(await shownBy(views)).toEqual(foldOf(log, log.length));
  });

  test('a server comes back with all that it took, and the process that writes goes on', async () => {
    const log = orderLog(length, 12);
    const views = await under().open();
    let acknowledged = 0;
    let killing: Promise<void> | undefined;
    await writeFrom(views, log, 0, (end) => {
      acknowledged = end;
      if (end > 400) killing ??= server().kill();
    }).catch((error: unknown) => {
      if (killing === undefined || !(error instanceof SinkError)) throw error;
      expect(error.code).toBe('SINK_UNAVAILABLE');
    });
    await killing;
    await expect(views.orderHistory.reader.count()).rejects.toMatchObject({
      code: 'VIEW_UNAVAILABLE',
    });
    await server().start();

    const end = await untilAvailable(() => endOf(views));
    expect(end).toBeGreaterThanOrEqual(acknowledged);
    await expectRowsOf(views, log, end);
    await untilAvailable(() => writeFrom(views, log, end, () => {}));
    expect(await shownBy(views)).toEqual(foldOf(log, log.length));
  });
}

/** What the writer is told: where the views are, which log, and how much of it. */
function parametersOf(options: CassandraOptions, seed: number): readonly string[] {
  const { contactPoints, localDataCenter, keyspace } = options;
  return [...contactPoints, localDataCenter, keyspace, `${seed}`, `${length}`];
}

async function writeFrom(
  views: CassandraViews,
  log: OrderLog,
  from: number,
  acknowledged: (end: number) => void,
): Promise<void> {
  const size = 20;
  for (let end = from; end < log.length; end += size) {
    await views.orderHistory.writer.apply([batchBetween(log, end, end + size)]);
    acknowledged(end + size);
  }
}

/**
 * The count is that of the position. A row is as it was at the position or later: what a batch that
 * broke off has left is ahead, and never behind.
 */
async function expectRowsOf(views: CassandraViews, log: OrderLog, end: number): Promise<void> {
  const { reader } = views.orderHistory;
  expect(await reader.count()).toBe(foldOf(log, end).count);
  const keys = new Set(log.map(({ key }) => key));
  for (const key of keys) {
    const known = log.slice(0, end).findLast((change) => change.key === key)?.value;
    const possible = log.filter((change) => change.key === key && change.offset >= BigInt(end));
    const shown = await reader.get(key);
    expect([known ?? undefined, ...possible.map(({ value }) => value ?? undefined)]).toContainEqual(
      shown,
    );
  }
}

async function endOf({ orderHistory }: CassandraViews): Promise<number> {
  const [position] = await orderHistory.writer.positions();
  return Number(position?.nextOffset ?? 0);
}

/** As the sink's runner does: tries again what can be tried again. */
async function untilAvailable<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SinkError && error.retryable)) throw error;
      await sleep(100);
    }
  }
}
