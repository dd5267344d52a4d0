/**
 * kill -9 at random moments: what was acknowledged is there, and outputs, offsets and state agree.
 * `CRASH_TEST_KILLS=200 npm test -- crash` makes it long.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbeddedLog } from './index.ts';

const kills = Number(process.env.CRASH_TEST_KILLS ?? 5);
const writer = join(dirname(fileURLToPath(import.meta.url)), 'crash-writer.ts');
const directory = mkdtempSync(join(tmpdir(), 'embedded-log-crash-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Acknowledged {
  appended: bigint;
  committed: bigint;
  lines: number;
}

/** Runs the writer and kills it after so many acknowledgements: in the middle of whatever comes next. */
async function runAndKill(killAfter: number): Promise<Acknowledged> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const seen: Acknowledged = { appended: -1n, committed: 0n, lines: 0 };
  let rest = '';
  let complaint = '';
  child.stderr?.on('data', (data: Buffer) => {
    complaint += data.toString();
  });
  child.stdout?.on('data', (data: Buffer) => {
    const lines = (rest + data.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) note(seen, line);
    if (seen.lines >= killAfter) child.kill('SIGKILL');
  });
  await exited(child);
  expect({ signal: child.signalCode, complaint }).toEqual({ signal: 'SIGKILL', complaint: '' });
  return seen;
}

async function exited(child: ChildProcess): Promise<void> {
  await once(child, 'close'); // After the last of its output was read.
}

function note(seen: Acknowledged, line: string): void {
  const [what, offset = '0'] = line.split(' ');
  if (what === 'appended') seen.appended = BigInt(offset);
  if (what === 'committed') seen.committed = BigInt(offset);
  seen.lines += 1;
}

async function endOf(log: Awaited<ReturnType<typeof openEmbeddedLog>>, topic: string) {
  return (await log.describeTopic(topic)).offsets[0]?.end ?? 0n;
}

test(`${kills} kills lose nothing that was acknowledged, and tear no commit`, async () => {
  for (let kill = 0; kill < kills; kill++) {
    const seen = await runAndKill(20 + Math.floor(Math.random() * 400));
    const log = await openEmbeddedLog({ directory });
    const input = await endOf(log, 'input');
    const output = await endOf(log, 'output');
    const [committed] = await log.committed('counter', [{ topic: 'input', partition: 0 }]);
    const stored = log.stateStorage.openTask('counter', '0_0').get('counts', Buffer.from('count'));
    const count = BigInt(Buffer.from(stored ?? []).toString());

    expect(input).toBeGreaterThan(seen.appended);
    expect(committed).toBeGreaterThanOrEqual(seen.committed);
    expect({ output, count }).toEqual({ output: committed, count: committed });
    await expectEveryRecord(log, input);
    await log.close();
  }
}, 600_000);

/** Reads all of the input: each batch is checked as it is decoded, and no offset may be missing. */
async function expectEveryRecord(
  log: Awaited<ReturnType<typeof openEmbeddedLog>>,
  end: bigint,
): Promise<void> {
  const reader = log.openReader();
  reader.assign([{ topic: 'input', partition: 0, offset: 0n }]);
  let next = 0n;
  while (next < end) {
    for (const batch of await reader.poll({ maxRecords: 10_000, maxWaitMs: 1_000 })) {
      for (const { offset } of batch.records) {
        expect(offset).toBe(next);
        next += 1n;
      }
    }
  }
  await reader.close();
}
