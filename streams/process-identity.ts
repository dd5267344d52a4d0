/**
 * Which process wrote something down: its pid, when it started and in which boot of the machine, so
 * that neither a killed process nor a pid that is used again is taken for it.
 */
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** Where the boot has no id, its time stands for it. The clock may be set a little meanwhile. */
const sameBootWithinSeconds = 120;

/** `pid started boot`; `started` is 0 where the system does not tell. */
export function identityOf(pid: number): string {
  return `${pid} ${startOf(pid)} ${thisBoot()}`;
}

/** Whether the process that this identity was made of is still there. */
export function isAlive(identity: string): boolean {
  const [pid = '', started = '', boot = ''] = identity.split(' ');
  const number = Number(pid);
  if (!Number.isInteger(number) || number <= 0) return false; // Cut off while it was written.
  try {
    process.kill(number, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === startOf(number) && isThisBoot(boot);
}

/** Whether the machine has been up ever since somebody wrote this boot down. */
export function isThisBoot(boot: string): boolean {
  const now = thisBoot();
  if (boot === now) return true;
  const [then, present] = [Number(boot), Number(now)];
  return Math.abs(then - present) <= sameBootWithinSeconds; // False for ids, which are no numbers.
}

/** Linux gives each boot an id; elsewhere its time in seconds since the Unix epoch. */
function thisBoot(): string {
  return (
    read('/proc/sys/kernel/random/boot_id')?.trim() ??
    `${Math.round(Date.now() / 1_000 - uptime())}`
  );
}

/** In clock ticks since boot. */
function startOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return '0';
  const startTimeField = 20; // Counted behind the name, which may have spaces.
  return stat.slice(stat.lastIndexOf(')') + 1).split(' ')[startTimeField] ?? '0';
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
