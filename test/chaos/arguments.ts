/** The options of a command: numbers and flags, `--rounds 50 --seed 7 --short`, and `--help`. */
import { parseArgs } from 'node:util';

interface NumberOption {
  readonly about: string;
  readonly otherwise: number;
}

interface FlagOption {
  readonly about: string;
}

/** Ends the process when help was asked for or an option is wrong. */
export function readNumbers<const Name extends string>(
  what: string,
  options: Readonly<Record<Name, NumberOption>>,
): Record<Name, number> {
  return readArguments(what, options, {}) as Record<Name, number>;
}

/** Numbers, and flags that are there or not. Ends the process as `readNumbers` does. */
export function readArguments<const Name extends string, const Flag extends string>(
  what: string,
  numbers: Readonly<Record<Name, NumberOption>>,
  flags: Readonly<Record<Flag, FlagOption>>,
): Record<Name, number> & Record<Flag, boolean> {
  const numberNames = Object.keys(numbers) as Name[];
  const flagNames = Object.keys(flags) as Flag[];
  const width = Math.max(12, ...[...numberNames, ...flagNames].map((name) => name.length));
  const help = [
    what,
    '',
    ...numberNames.map((name) => {
      const { about, otherwise } = numbers[name];
      return `  --${name.padEnd(width)} ${about} (${otherwise})`;
    }),
    ...flagNames.map((name) => `  --${name.padEnd(width)} ${flags[name].about}`),
  ].join('\n');
  const declared = Object.fromEntries([
    ...numberNames.map((name) => [name, { type: 'string' as const }]),
    ...flagNames.map((name) => [name, { type: 'boolean' as const }]),
  ]);
  try {
    const { values } = parseArgs({
      options: { ...declared, help: { type: 'boolean' as const, short: 'h' } },
    });
    const given = values as Readonly<Record<string, string | boolean | undefined>>;
    if (given.help) return end(help, 0);
    return Object.fromEntries([
      ...numberNames.map((name) => [name, numberOf(name, given[name], numbers[name].otherwise)]),
      ...flagNames.map((name) => [name, given[name] === true]),
    ]);
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
