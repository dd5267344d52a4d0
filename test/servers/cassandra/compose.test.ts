/** docker-compose.yml: the same Cassandra as without Docker. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repositoryRoot } from '../server-settings.ts';
import { clusterSettings } from './cassandra-settings.ts';

const { services } = parse(readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8'));
const { cassandra } = services;

test('Cassandra has the settings that it has without Docker', () => {
  expect(cassandra.environment).toMatchObject({
    CASSANDRA_CLUSTER_NAME: clusterSettings.cluster_name,
    CASSANDRA_NUM_TOKENS: clusterSettings.num_tokens,
  });
  expect(cassandra.entrypoint.join(' ')).toContain(
    `commitlog_sync: ${clusterSettings.commitlog_sync}/`,
  );
});

test('the data of Cassandra is on a volume', () => {
  expect(cassandra.volumes).toEqual(['cassandra:/var/lib/cassandra']);
});
