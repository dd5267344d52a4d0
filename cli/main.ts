/** The `millrace` command: finds the command by its first word and runs it. */
import { type Command, isExpected, type Surroundings, withProfile } from './command.ts';

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./commands/run.ts')).run,
  tap: async () => (await import('./commands/tap.ts')).tap,
  topics: async () => (await import('./commands/topics.ts')).topics,
  topology: async () => (await import('./commands/topology.ts')).topology,
  sql: async () => (await import('./commands/sql.ts')).sql,
  audit: async () => (await import('./commands/audit.ts')).audit,
  rebuild: async () => (await import('./commands/rebuild.ts')).rebuild,
  demo: async () => (await import('./commands/demo.ts')).demo,
  migrate: async () => (await import('./commands/migrate.ts')).migrate,
};

async function usage(out: (line: string) => void): Promise<void> {
  out('millrace <command> [options]\n');
  for (const [name, load] of Object.entries(commands))
    out(`  ${name.padEnd(10)} ${(await load()).summary}`);
  out(
    '\nmillrace <command> --help explains one. Each takes --profile embedded|cluster, which stands for',
  );
  out('MILLRACE_PROFILE; see README.md for the variables.');
}

async function main(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const [name, ...given] = words;
  if (name === undefined || name === 'help' || name === '--help') {
    await usage(surroundings.out);
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    surroundings.error(`millrace: no command '${name}'`);
    await usage(surroundings.error);
    return 2;
  }
  const command = await load();
  const { rest, environment } = withProfile(given, surroundings.environment);
  if (rest.includes('--help')) {
    surroundings.out(command.usage);
    return 0;
  }
  try {
    return await command.run(rest, { ...surroundings, environment });
  } catch (error) {
    if (!isExpected(error)) throw error;
    surroundings.error(`millrace ${name}: ${error.message}`);
    return 2;
  }
}

/** An error with a code is about the surroundings, and its message says it all; others are bugs. */
function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as Error & Record<'code' | 'address' | 'port', unknown>;
  if (code === 'EADDRINUSE')
    return `port ${port} of ${address} is in use: stop what listens there, or set PORT`;
  return typeof code === 'string' ? error.message : (error.stack ?? error.message);
}

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => ending.abort(signal));
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `millrace tap … | head` closes the pipe: that is the reader's way to say enough.
  if (error.code === 'EPIPE') process.exit(0);
});

try {
  process.exitCode = await main(process.argv.slice(2), {
    environment: process.env,
    out: (line) => void process.stdout.write(`${line}\n`),
    error: (line) => void process.stderr.write(`${line}\n`),
    signal: ending.signal,
  });
} catch (error) {
  process.stderr.write(`millrace: ${explained(error)}\n`);
  process.exitCode = 1;
}
