/** `millrace migrate`: brings the databases of the cluster profile to this program's version. */
import { type Command, parseWords, UsageError } from '../command.ts';
import { readConfiguration } from '../configuration.ts';

export const migrate: Command = {
  summary: 'brings the databases to this version',
  usage: `millrace migrate --profile cluster

Makes the tables, indexes and key spaces that are not there, and changes those of an older version. Safe
to run twice, and from several processes at once. The files of the embedded profile need none.`,

  async run(words, { environment, out }) {
    const { positionals } = parseWords(words, {});
    if (positionals.length > 0)
      throw new UsageError(`no word is wanted, and not '${positionals[0]}'`);
    const { cluster } = readConfiguration(environment);
    if (cluster?.stores === undefined)
      throw new UsageError('only databases are migrated: give --profile cluster');
    const { migrateClusterStores } = await import('../stores/cluster-stores.ts');
    await migrateClusterStores(cluster.stores, out);
    return 0;
  },
};
