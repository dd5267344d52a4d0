/** A server that hangs, is not there, or lets nobody in. */
import type { OrderId } from '#schemas/orders';
import type { RecommendationKey } from '#schemas/recommendations';
import type { UserId } from '#schemas/users';
import { sampleOrder } from '../views/sample-values.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { openCassandraViews } from './cassandra-views.ts';
import type { NetworkProxy, TestTools } from './test-tools.ts';

const id = 'a' as OrderId;

export function serverAwayTests({ under, openProxy }: TestTools): void {
  let proxy: NetworkProxy;
  beforeEach(async () => {
    proxy = await openProxy();
  });
  afterEach(async () => {
    // So that what is open can be closed.
    proxy.goOn();
    await under().reset();
    await proxy.close();
  });
  const openByProxy = () => under().open({ contactPoints: [`127.0.0.1:${proxy.port}`] });

  test('fails what is asked of it while it hangs, and answers when it goes on', async () => {
    const { orderHistory, recommendations } = await openByProxy();
    await orderHistory.writer.apply([batchOf(0, [[id, sampleOrder('a')]])]);
    expect(await orderHistory.reader.get(id)).toEqual(sampleOrder('a'));
    proxy.hang();
    const reads = [
      orderHistory.reader.get(id),
      orderHistory.reader.ofUser('user-1' as UserId, { limit: 5 }),
      orderHistory.reader.count(),
      recommendations.reader.get('trending' as RecommendationKey),
    ];
    for (const read of await Promise.allSettled(reads)) {
      expect(read).toMatchObject({ status: 'rejected', reason: { code: 'VIEW_UNAVAILABLE' } });
    }
    const writes = [
      orderHistory.writer.apply([batchOf(1, [[id, sampleOrder('a', { version: 2 })]])]),
      orderHistory.writer.positions(),
    ];
    for (const write of await Promise.allSettled(writes)) {
      expect(write).toMatchObject({ status: 'rejected', reason: { code: 'SINK_UNAVAILABLE' } });
    }
    proxy.goOn();
    await untilAnswered(() => orderHistory.reader.get(id));
    await untilAnswered(() =>
      orderHistory.writer.apply([batchOf(1, [[id, sampleOrder('a', { version: 2 })]])]),
    );
    expect(await orderHistory.reader.get(id)).toMatchObject({ version: 2 });
  });

  test('is found again after every connection has broken', async () => {
    const { orderHistory } = await openByProxy();
    proxy.cut();
    await untilAnswered(() => orderHistory.writer.apply([batchOf(0, [[id, sampleOrder('a')]])]));
    await untilAnswered(() => orderHistory.reader.get(id));
  });

  test('that is not there cannot be opened, and says nothing of the password', async () => {
    const { options } = under();
    const credentials = { username: 'millrace', password: 'a secret' };
    const opening = openCassandraViews({ ...options, contactPoints: ['127.0.0.1:1'], credentials });
    const error = await opening.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'VIEW_UNAVAILABLE' });
    expect(String((error as Error).message)).not.toContain('secret');
  });
}

async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const { code } = error as { readonly code?: string };
      if (code !== 'VIEW_UNAVAILABLE' && code !== 'SINK_UNAVAILABLE') throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
