/**
 * One process, one program of ours, until SIGTERM:
 *
 *   node --import tsx bench/kafka/millrace/main.ts program=count bootstrap=127.0.0.1:9092 \
 *     application=a prefix=bench- output=out state=/tmp/s
 */
import type { ApplicationMetrics } from '#streams';
import { bareLatency, bareMap, bareRepartition, runBareLoop } from './bare.ts';
import { readChangelog } from './bare-restore.ts';
import { openApplication } from './open-application.ts';
import { type ProgramOptions, programOptions } from './program-options.ts';
import { reportEvent } from './run-report.ts';

const lookEveryMs = 50;
let told = '';

const options = programOptions(process.argv.slice(2));
const toldToEnd = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));
switch (options.program) {
  case 'bare':
    await runBareLoop(options, bareMap(options), toldToEnd);
    break;
  case 'bare-latency':
    await runBareLoop(options, bareLatency(options), toldToEnd);
    break;
  case 'bare-repartition':
    await runBareLoop(options, bareRepartition(options), toldToEnd);
    break;
  case 'bare-restore':
    await readChangelog(options, toldToEnd);
    break;
  default:
    await runTopology(options);
}

async function runTopology(options: ProgramOptions): Promise<void> {
  const { application, failed, close } = await openApplication(options);
  await application.start();
  await application.running();
  const { restoredRecords } = application.metrics();
  reportEvent('running', { restoredRecords });
  const tell = () => tellTasks(application.metrics());
  const telling = options.program === 'big' ? setInterval(tell, lookEveryMs) : undefined;
  await Promise.race([failed, toldToEnd]);
  clearInterval(telling);
  await close();
}

/** Which tasks it has and how far its copies are, when that is not as before. */
function tellTasks(metrics: ApplicationMetrics): void {
  const { tasks, standbys, restoredRecords } = metrics;
  const copied = standbys.reduce((sum, { records }) => sum + records, 0);
  const behind = standbys.reduce((sum, { lag }) => sum + Number(lag), 0);
  const now = { tasks: tasks.length, standbys: standbys.length, restoredRecords, copied, behind };
  const text = JSON.stringify(now);
  if (text !== told) reportEvent('tasks', now);
  told = text;
}
