/**
 * One process, one program of ours, until SIGTERM:
 *
 *   node --import tsx bench/kafka/millrace/main.ts program=count bootstrap=127.0.0.1:9092 \
 *     application=a prefix=bench- output=out state=/tmp/s
 */
import { runBareLoop } from './bare.ts';
import { openApplication } from './open-application.ts';
import { type ProgramOptions, programOptions } from './program-options.ts';
import { reportEvent } from './run-report.ts';

const options = programOptions(process.argv.slice(2));
const toldToEnd = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));
if (options.program === 'bare') await runBareLoop(options, toldToEnd);
else await runTopology(options);

async function runTopology(options: ProgramOptions): Promise<void> {
  const { application, failed, close } = await openApplication(options);
  await application.start();
  await application.running();
  const { restoredRecords } = application.metrics();
  reportEvent('running', { restoredRecords });
  await Promise.race([failed, toldToEnd]);
  await close();
}
