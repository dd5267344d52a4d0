/**
 * Writes the log of a seed into the order history until it is killed, and prints each offset that is in.
 * Run by crash-tests.ts: `crash-writer.ts <host:port> <data center> <keyspace> <seed> <length>`.
 */
import { openCassandraViews } from './cassandra-views.ts';
import { batchBetween, orderLog, randomOf } from './shop-of-orders.ts';

const [contactPoint = '', localDataCenter = '', keyspace = '', seed, length] =
  process.argv.slice(2);
const log = orderLog(Number(length), Number(seed));
const random = randomOf(Number(seed));
const contactPoints = [contactPoint];
const { writer } = (await openCassandraViews({ contactPoints, localDataCenter, keyspace }))
  .orderHistory;

const [position] = await writer.positions();
let end = Number(position?.nextOffset ?? 0);
while (end < log.length) {
  const to = end + 1 + Math.floor(random() * 30);
  await writer.apply([batchBetween(log, end, to)]);
  end = to;
  process.stdout.write(`${end}\n`);
}
