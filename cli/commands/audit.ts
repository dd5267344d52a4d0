/** `millrace audit`: proves that each view is the fold of the log up to the position it reports. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RebuildableViews, ShopViews } from '#views/shop-views';
import { type AuditReport, auditView } from '../../connectors/audit.ts';
import { openEmbeddedViews } from '../../connectors/embedded/embedded-views.ts';
import { type Command, parseWords, type Surroundings, UsageError } from '../command.ts';
import { type Configuration, readConfiguration } from '../configuration.ts';
import { openLogForReading } from '../log/open-log.ts';
import type { ShopLog } from '../log/shop-log.ts';
import { type Audited, auditedViews } from '../run/audited-views.ts';
import { rebuildView } from '../run/rebuild.ts';
import { rebuildsOf } from '../run/rebuilds.ts';

export const audit: Command = {
  summary: 'compares the views with the log',
  usage: `millrace audit [view…] [--repair]

Folds the log and compares every key of every view, while the shop runs or not. Prints a line a view;
differences name their keys. Exits with 1 when a view differs.

  --repair  makes each view that differs anew, as \`millrace rebuild\` does, and compares it again`,

  async run(words, surroundings) {
    const { environment, out, error } = surroundings;
    const { values, positionals } = parseWords(words, { repair: { type: 'boolean' } });
    const configuration = readConfiguration(environment);
    const views = await viewsToRead(configuration);
    const opened = await openLogForReading(configuration);
    try {
      let differences = 0;
      for (const [name, view] of wantedOf(auditedViews(views, Date.now), positionals)) {
        const audited = () => auditView({ ...opened, ...view, onProgress: teller(name, error) });
        let report = await audited();
        for (const line of linesOf(report)) out(line);
        if (report.differences > 0 && values.repair === true) {
          await repair(view.madeBy, views, opened, surroundings);
          report = await audited();
          for (const line of linesOf(report)) out(line);
        }
        differences += report.differences;
      }
      out(differences === 0 ? 'every view equals the log' : `${differences} differences`);
      return differences === 0 ? 0 : 1;
    } finally {
      await views.close();
      await opened.close();
    }
  },
};

/** Of a shop that may be running. */
async function viewsToRead({ dataDirectory, cluster }: Configuration): Promise<ShopViews> {
  if (cluster?.stores !== undefined) {
    const { openClusterStores } = await import('../stores/cluster-stores.ts');
    const { views } = await openClusterStores(cluster.stores);
    return views;
  }
  const directory = join(dataDirectory, 'views');
  if (!existsSync(join(directory, 'views.db')))
    throw new UsageError(`there are no views in '${directory}': run the shop first`);
  return openEmbeddedViews({ directory, readOnly: true });
}

function wantedOf(
  all: ReadonlyMap<string, Audited>,
  names: readonly string[],
): (readonly [string, Audited])[] {
  const unknown = names.filter((name) => !all.has(name));
  if (unknown.length > 0)
    throw new UsageError(`no view '${unknown[0]}': there are ${[...all.keys()].join(', ')}`);
  return [...all].filter(([name]) => names.length === 0 || names.includes(name));
}

async function repair(
  name: string,
  views: ShopViews,
  { log, registry }: ShopLog,
  { error: progress, signal }: Surroundings,
): Promise<void> {
  if (!isRebuildable(views))
    throw new UsageError(
      'views in files are repaired by a start without them: stop the shop, delete its directory ' +
        '`views`, and start it again',
    );
  const begin = rebuildsOf(views).get(name);
  if (begin === undefined) throw new Error(`nothing makes the view '${name}'`);
  await rebuildView({ name, log, registry, begin, progress, signal });
}

function isRebuildable(views: ShopViews): views is RebuildableViews {
  return 'beginCopy' in views.items;
}

const tellEvery = 20_000;

function teller(name: string, told: (line: string) => void): (count: number) => void {
  return (count) => {
    if (count % tellEvery === 0) told(`${name}: ${count} entries and records read`);
  };
}

function linesOf({ view, topic, entries, ...found }: AuditReport): string[] {
  const same = `${view.padEnd(20)} ${String(entries).padStart(8)} entries equal ${topic}`;
  if (found.differences === 0) return [same];
  return [
    `${view.padEnd(20)} ${String(entries).padStart(8)} entries, ${found.differences} differ from ${topic}`,
    ...found.missing.map((key) => `  missing    ${key}`),
    ...found.extra.map((key) => `  extra      ${key}`),
    ...found.different.map((key) => `  different  ${key}`),
  ];
}
