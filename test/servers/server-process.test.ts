import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerProcess } from './server-process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'server-process-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A server in three words: it says that it is up, and waits. */
function server(script = 'echo up; exec sleep 600') {
  return new ServerProcess({
    name: 'the sleeper',
    executable: '/bin/sh',
    args: ['-c', script],
    logFile: join(folder, 'server.log'),
    isReady: (log) => log.includes('up'),
    stopTimeoutMs: 200,
  });
}

async function isGone(pid: number | undefined): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 50) {
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' });
    // Z: it has ended, and whoever inherited it has not asked how.
    if (/^\s*(Z|$)/.test(stdout)) return true;
    await sleep(50);
  }
  return false;
}

test.each(['stop', 'kill'] as const)('comes back after a %s', async (end) => {
  const sleeper = server();
  await sleeper.start();
  const { pid } = sleeper;
  expect(pid).toBeGreaterThan(0);

  await sleeper[end]();
  expect(sleeper.pid).toBeUndefined();
  expect(await isGone(pid)).toBe(true);

  await sleeper.start();
  expect(sleeper.pid).not.toBe(pid);
  await sleeper.kill();
});

test('takes what a server says again as its being ready, not what it said before', async () => {
  const sleeper = server();
  await sleeper.start();
  await sleeper.kill();
  await sleeper.start();
  expect(readFileSync(join(folder, 'server.log'), 'utf8')).toBe('up\nup\n');
  await sleeper.kill();
});

test('says what the server said last when it ends before it is ready', async () => {
  const failing = server('echo no such disk >&2; exit 3');
  await expect(failing.start()).rejects.toThrow('the sleeper ended at its start:\nno such disk');
  expect(failing.pid).toBeUndefined();
});

test('fails when there is no such program', async () => {
  const missing = new ServerProcess({
    name: 'nothing',
    executable: join(folder, 'nothing'),
    args: [],
    logFile: join(folder, 'server.log'),
    isReady: () => true,
  });
  await expect(missing.start()).rejects.toThrow(/ENOENT/);
});

test('kills a server that does not end when it is asked to, with all that it started', async () => {
  const stubborn = server(`trap '' TERM; sleep 600 & echo up $!; wait; sleep 600`);
  await stubborn.start();
  const [, child] = readFileSync(join(folder, 'server.log'), 'utf8').split(' ');
  await stubborn.stop();
  expect(await isGone(Number(child))).toBe(true);
});

test.each(['SIGKILL', 'SIGINT'] as const)(
  'a server does not outlive its owner, ended by %s',
  async (signal) => {
    const program = `
    import { ServerProcess } from ${JSON.stringify(import.meta.resolve('./server-process.ts'))};
    const server = new ServerProcess({
      name: 'the orphan',
      executable: '/bin/sleep',
      args: ['600'],
      logFile: ${JSON.stringify(join(folder, 'server.log'))},
      isReady: () => true,
      temporaryFolder: ${JSON.stringify(folder)},
    });
    await server.start();
    console.log(server.pid);
  `;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
    const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => {
      owner.stdout.once('data', (data) => resolve(Number(data)));
    });
    owner.kill(signal);
    expect(await isGone(pid)).toBe(true);
  },
);
