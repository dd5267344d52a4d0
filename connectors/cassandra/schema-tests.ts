/** Migrations of a keyspace, and views that are opened without. */

import type { OrderId } from '#schemas/orders';
import { sampleOrder } from '../views/sample-values.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { CassandraClient } from './cassandra-client.ts';
import { openCassandraViews } from './cassandra-views.ts';
import { migrateCassandra } from './migrate-cassandra.ts';
import { withSchemaLease } from './schema-lease.ts';
import type { TestTools } from './test-tools.ts';

export function schemaTests({ under }: TestTools): void {
  const ofKeyspace = (keyspace: string) => ({ ...under().options, keyspace });

  test('is made once by several processes that migrate at once, and stays when migrated again', async () => {
    const options = ofKeyspace('migrated');
    await Promise.all([1, 2, 3].map(() => migrateCassandra(options)));
    const views = await under().open(options);
    const id = 'a' as OrderId;
    await views.orderHistory.writer.apply([batchOf(0, [[id, sampleOrder('a')]])]);
    await migrateCassandra(options);
    const again = await under().open(options);
    expect(await again.orderHistory.reader.get(id)).toEqual(sampleOrder('a'));
  });

  test('has to be there', async () => {
    const opening = openCassandraViews(ofKeyspace('nothing_there'));
    await expect(opening).rejects.toThrow('run `millrace migrate`');
  });

  test('of a newer version is not touched', async () => {
    const options = ofKeyspace('newer');
    await migrateCassandra(options);
    const client = await CassandraClient.open(options);
    await withSchemaLease(client, (lease) => lease.setVersion(7));
    await client.close();
    const reason = 'of version 7, made by a newer `millrace migrate`';
    await expect(openCassandraViews(options)).rejects.toThrow(reason);
    await expect(migrateCassandra(options)).rejects.toThrow(reason);
  });

  test('is changed by one process at a time, and by the next after one that failed', async () => {
    const { client } = under();
    const seen: string[] = [];
    const work = (name: string) =>
      withSchemaLease(client, async (lease) => {
        seen.push(`${name} begins`);
        await lease.version();
        seen.push(`${name} ends`);
        if (name === 'first') throw new Error('it failed');
      });
    const [first] = await Promise.allSettled([work('first'), work('second'), work('third')]);
    expect(first).toMatchObject({ status: 'rejected', reason: new Error('it failed') });
    expect(
      seen.filter((_, index) => index % 2 === 0).map((text) => text.replace('begins', 'ends')),
    ).toEqual(seen.filter((_, index) => index % 2 === 1));
  });

  test.each(['', 'Upper', 'a b', 'x; DROP', 'a'.repeat(49)])(
    'is of no keyspace %j',
    async (keyspace) => {
      await expect(CassandraClient.open(ofKeyspace(keyspace))).rejects.toThrow(
        'no name of a keyspace',
      );
    },
  );
}
