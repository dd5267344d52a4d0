/**
 * One process, one program of ours, until SIGTERM:
 *
 *   node --import tsx bench/kafka/millrace/main.ts program=count bootstrap=127.0.0.1:9092 \
 *     application=a prefix=bench- output=out state=/tmp/s
 */
import { runBareLoop } from './bare.ts';
import { nexmarkQueries } from './nexmark-queries.ts';
import { openApplication } from './open-application.ts';
import { type ProgramOptions, programOptions } from './program-options.ts';
import { recordHandled, reportEvent } from './run-report.ts';
import { topologies } from './topologies.ts';

const options = programOptions(process.argv.slice(2));
const toldToEnd = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));
if (options.program === 'bare') await runBareLoop(options, toldToEnd);
else await runTopology(options);

async function runTopology(options: ProgramOptions): Promise<void> {
  const { program, prefix, output } = options;
  const define = topologies[program] ?? nexmarkQueries[program];
  if (define === undefined) throw new Error(`no program '${program}'`);
  const topology = define({ prefix, output, recordHandled });
  const { application, failed, close } = await openApplication(topology, options);
  await application.start();
  await application.running();
  const { restoredRecords } = application.metrics();
  reportEvent('running', { restoredRecords });
  await Promise.race([failed, toldToEnd]);
  await close();
}
