/** A process that writes into views until it is killed, for the tests of crashes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Runs `program`, which prints each offset that is in, kills it after so many lines, and answers the
 * last offset that it printed. It has ended then.
 */
export async function writeAndKill(
  program: URL,
  parameters: readonly string[],
  lines: number,
): Promise<number> {
  const words = ['--import', 'tsx', fileURLToPath(program), ...parameters];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let last = 0;
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    count += 1;
    if (count === lines) child.kill('SIGKILL');
  }
  await exit;
  return last;
}
