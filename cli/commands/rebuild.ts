/** `millrace rebuild`: makes views anew from the log while the shop runs. */
import { type Command, parseWords, UsageError } from '../command.ts';
import { readConfiguration } from '../configuration.ts';
import { openLogForReading } from '../log/open-log.ts';
import { rebuildView } from '../run/rebuild.ts';
import { rebuildsOf } from '../run/rebuilds.ts';

export const rebuild: Command = {
  summary: 'makes views anew from the log',
  usage: `millrace rebuild view… --profile cluster

Makes a copy of each view from the beginning of the log, beside the live one, and puts it in its place in
one step. The shop may run: no read fails, and its sinks go on from where the copy stands. Needs room for two.
In the embedded profile: stop the shop, delete MILLRACE_DATA/views, and start it again.`,

  async run(words, { environment, out, error, signal }) {
    const { positionals } = parseWords(words, {});
    const configuration = readConfiguration(environment);
    const stores = configuration.cluster?.stores;
    if (stores === undefined)
      throw new UsageError(
        'views in files are made anew by a start without them: stop the shop, delete ' +
          `'${configuration.dataDirectory}/views', and start it again`,
      );
    const { openClusterStores } = await import('../stores/cluster-stores.ts');
    const opened = await openClusterStores(stores);
    try {
      const rebuilds = rebuildsOf(opened.views);
      const unknown = positionals.find((name) => !rebuilds.has(name));
      if (unknown !== undefined || positionals.length === 0) {
        const named = unknown === undefined ? 'name the views' : `no view '${unknown}'`;
        throw new UsageError(`${named}: there are ${[...rebuilds.keys()].join(', ')}`);
      }
      const { log, registry, close } = await openLogForReading(configuration);
      try {
        for (const name of positionals) {
          const begin = rebuilds.get(name);
          if (begin === undefined) continue;
          const records = await rebuildView({
            name,
            log,
            registry,
            begin,
            progress: error,
            signal,
          });
          out(`${name} is made anew from ${records} records`);
        }
      } finally {
        await close();
      }
      return 0;
    } finally {
      await opened.close();
    }
  },
};
