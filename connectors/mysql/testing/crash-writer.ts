/**
 * Writes stock and orders until it is killed, and prints each offset that is in.
 * Run by mysql-crashes.integration.test.ts: `crash-writer.ts <url>`.
 */
import { openMysqlViews } from '../mysql-views.ts';
import { writeOn } from './written-log.ts';

const views = await openMysqlViews({ url: process.argv[2] as string });
await writeOn(views, Number.POSITIVE_INFINITY, (end) => process.stdout.write(`${end}\n`));
