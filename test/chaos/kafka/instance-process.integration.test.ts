import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InstanceProcess } from './instance-process.ts';
import { variantOf } from './variant.ts';

let folder: string;
let faults: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-instance-'));
  faults = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function started(): InstanceProcess {
  const instance = new InstanceProcess({
    ...{ name: 'anna', folder, variant: variantOf(0), withoutRebalanceCallback: false },
    bootstrapServers: '127.0.0.1:1',
    onFault: (fault) => faults.push(fault),
  });
  instance.start();
  return instance;
}

/** SIGSEGV ends it in the same way and may leave a core file behind. */
function crash({ pid }: InstanceProcess): void {
  process.kill(pid as number, 'SIGUSR2');
}

test('an instance that dies of a signal that nobody sent is a fault, and the signal is named', async () => {
  const instance = started();
  crash(instance);
  while (instance.isUp) await sleep(10);
  expect(faults).toEqual([expect.stringContaining('anna ended by SIGUSR2, which nobody sent')]);
});

test('so is one that dies while it is being killed', async () => {
  const instance = started();
  crash(instance);
  await instance.kill();
  expect(faults).toEqual([expect.stringContaining('SIGUSR2')]);
});

test('and one that dies while it is asked to stop', async () => {
  const instance = started();
  crash(instance);
  await instance.stop();
  expect(faults).toEqual([expect.stringContaining('SIGUSR2')]);
});

test('one that is killed by the harness is none', async () => {
  await started().kill();
  expect(faults).toEqual([]);
});
