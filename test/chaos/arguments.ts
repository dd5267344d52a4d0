/** The options of a command of numbers: `--rounds 50 --seed 7`, and `--help`. */
import { parseArgs } from 'node:util';

interface Option {
  readonly about: string;
  readonly otherwise: number;
}

/** Ends the process when help was asked for or an option is wrong. */
export function readNumbers<const Name extends string>(
  what: string,
  options: Readonly<Record<Name, Option>>,
): Record<Name, number> {
  const names = Object.keys(options) as Name[];
  const help = [
    what,
    '',
    ...names.map((name) => {
      const { about, otherwise } = options[name];
      return `  --${name.padEnd(12)} ${about} (${otherwise})`;
    }),
  ].join('\n');
  const texts = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({
      options: { ...texts, help: { type: 'boolean' as const, short: 'h' } },
    });
    const given = values as Readonly<Record<string, string | boolean | undefined>>;
    if (given.help) return end(help, 0);
    return Object.fromEntries(
      names.map((name) => [name, numberOf(name, given[name], options[name].otherwise)]),
    ) as Record<Name, number>;
  } catch (error) {
    return end(`${(error as Error).message}\n\n${help}`, 2);
  }
}

function numberOf(name: string, given: string | boolean | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const value = Number(given);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Error(`--${name} is '${given}': give a whole number from 0`);
  return value;
}

function end(message: string, exitCode: number): never {
  (exitCode === 0 ? process.stdout : process.stderr).write(`${message}\n`);
  process.exit(exitCode);
}
