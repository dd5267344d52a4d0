/** `millrace audit`: proves that each view is the fold of the log up to the position it reports. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Log, SchemaRegistry } from '#streams';
import type { ShopViews } from '#views/shop-views';
import { type AuditReport, auditView } from '../../connectors/audit.ts';
import { openEmbeddedViews } from '../../connectors/embedded/embedded-views.ts';
import { type Command, parseWords, UsageError } from '../command.ts';
import { readConfiguration } from '../configuration.ts';
import { openLogForReading } from '../log/open-log.ts';
import { auditedViews } from '../run/audited-views.ts';

export const audit: Command = {
  summary: 'compares the views with the log',
  usage: `millrace audit [view…]

Folds the log and compares every key of every view, while the shop runs or not. Prints a line a view;
differences name their keys. Exits with 1 when a view differs.`,

  async run(words, { environment, out }) {
    const { positionals } = parseWords(words, {});
    const configuration = readConfiguration(environment);
    const directory = join(configuration.dataDirectory, 'views');
    if (!existsSync(join(directory, 'views.db')))
      throw new UsageError(`there are no views in '${directory}': run the shop first`);
    const { log, registry, close } = await openLogForReading(configuration);
    let views: ShopViews | undefined;
    try {
      views = openEmbeddedViews({ directory, readOnly: true });
      let differences = 0;
      for (const report of await reports(log, registry, views, positionals)) {
        differences += report.differences;
        for (const line of linesOf(report)) out(line);
      }
      out(differences === 0 ? 'every view equals the log' : `${differences} differences`);
      return differences === 0 ? 0 : 1;
    } finally {
      await views?.close();
      await close();
    }
  },
};

async function reports(
  log: Log,
  registry: SchemaRegistry,
  views: ShopViews,
  names: readonly string[],
): Promise<AuditReport[]> {
  const all = auditedViews(views, Date.now);
  const unknown = names.filter((name) => !all.has(name));
  if (unknown.length > 0)
    throw new UsageError(`no view '${unknown[0]}': there are ${[...all.keys()].join(', ')}`);
  const wanted = [...all].filter(([name]) => names.length === 0 || names.includes(name));
  const found: AuditReport[] = [];
  for (const [, view] of wanted) found.push(await auditView({ log, registry, ...view }));
  return found;
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
