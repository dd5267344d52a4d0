/** The ways in which a server that runs has lost what it held. */
import { cpSync, rmSync } from 'node:fs';
import cassandra from 'cassandra-driver';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import type { Random } from '../../cli/demo/random.ts';
import type { StoreServers } from '../servers/shop-stores.ts';

export interface Loss {
  readonly name: string;
  readonly happen: () => Promise<void>;
  /** What the shop shows may be older than what it acknowledged, until it has read the log again. */
  readonly showsOlder?: boolean;
}

/** All of them but the restored backup, which has to be made first. */
export function lossesOf(servers: StoreServers, random: Random): readonly Loss[] {
  const { redis, elasticsearch, mongodb } = servers;
  const index = random.pick(['documents', 'sources', 'positions']);
  const table = random.pick(['by_id', 'by_user', 'buckets']);
  return [
    { name: 'Redis emptied', happen: () => flush(redis.url) },
    { name: `index of ${index} deleted`, happen: () => deleteIndex(elasticsearch.url, index) },
    { name: 'MongoDB database dropped', happen: () => dropDatabases(mongodb.url) },
    { name: `table order_history ${table} truncated`, happen: () => truncate(servers, table) },
  ];
}

/** A copy of the files of a MySQL that was killed; answers how to go back to them. */
export async function backUpMysql(mysql: StoreServers['mysql']): Promise<Loss> {
  const copy = `${mysql.dataFolder}-backup`;
  await mysql.kill();
  cpSync(mysql.dataFolder, copy, { recursive: true });
  await mysql.start();
  return {
    name: 'MySQL restored from a backup',
    showsOlder: true,
    happen: async () => {
      await mysql.kill();
      rmSync(mysql.dataFolder, { recursive: true });
      cpSync(copy, mysql.dataFolder, { recursive: true });
      await mysql.start();
    },
  };
}

async function flush(url: string): Promise<void> {
  const client = new Redis(url);
  try {
    await client.flushall();
  } finally {
    client.disconnect();
  }
}

async function deleteIndex(url: string, part: string): Promise<void> {
  const found = await fetch(`${url}/_alias/*-search-${part}`);
  const names = Object.keys((await found.json()) as object);
  if (names.length !== 1) throw new Error(`there are ${names.length} live indices of ${part}`);
  const answer = await fetch(`${url}/${names[0]}`, { method: 'DELETE' });
  if (!answer.ok) throw new Error(`${names[0]} was not deleted: ${await answer.text()}`);
}

async function dropDatabases(url: string): Promise<void> {
  const client = new MongoClient(url);
  try {
    const { databases } = await client.db().admin().listDatabases();
    for (const { name } of databases) {
      const collections = await client.db(name).listCollections({}, { nameOnly: true }).toArray();
      if (collections.some((one) => one.name === 'millrace_views'))
        await client.db(name).dropDatabase();
    }
  } finally {
    await client.close();
  }
}

async function truncate({ cassandra: server }: StoreServers, table: string): Promise<void> {
  const client = new cassandra.Client({
    contactPoints: [server.contactPoint],
    localDataCenter: server.dataCenter,
  });
  try {
    await client.connect();
    const { rows } = await client.execute(
      'SELECT keyspace_name, table_name FROM system_schema.tables',
    );
    const pattern = new RegExp(`^order_history_g\\d+_${table}$`);
    const names = rows.filter((row) => pattern.test(row['table_name']));
    if (names.length === 0) throw new Error(`there is no table ${table}`);
    for (const row of names) {
      await client.execute(`TRUNCATE ${row['keyspace_name']}.${row['table_name']}`, [], {
        readTimeout: 60_000,
      });
    }
  } finally {
    await client.shutdown();
  }
}
