/** The options of a command: numbers and flags, `--rounds 50 --seed 7 --short`, and `--help`. */
import { parseArgs } from 'node:util';
import { type Profile, profiles } from '../servers/shop-servers.ts';

interface Option {
  readonly about: string;
  readonly otherwise: number;
}

type Numbers<Name extends string> = Readonly<Record<Name, Option>>;
type Given = Readonly<Record<string, string | boolean | undefined>>;

/** Ends the process when help was asked for or an option is wrong. */
export function readNumbers<const Name extends string>(
  what: string,
  options: Numbers<Name>,
): Record<Name, number> {
  return read(helpOf(what, options), Object.keys(options), (given) => numbersOf(options, given));
}

/** The numbers, and by `--profile` what kind of shop it is about. */
export function readShopNumbers<const Name extends string>(
  what: string,
  options: Numbers<Name>,
): Record<Name, number> & { readonly profile: Profile } {
  const help = `${helpOf(what, options)}\n  --profile      ${profiles.join(' or ')} (embedded)`;
  return read(help, [...Object.keys(options), 'profile'], (given) => ({
    ...numbersOf(options, given),
    profile: profileOf(given.profile),
  }));
}

type Flags<Name extends string> = Readonly<Record<Name, { readonly about: string }>>;

/** The numbers, and flags that are there or not. */
export function readArguments<const Name extends string, const Flag extends string>(
  what: string,
  options: Numbers<Name>,
  flags: Flags<Flag>,
): Record<Name, number> & Record<Flag, boolean> {
  const flagNames = Object.keys(flags) as Flag[];
  const lines = flagNames.map((name) => `  --${name.padEnd(12)} ${flags[name].about}`);
  const help = [helpOf(what, options), ...lines].join('\n');
  return read(
    help,
    Object.keys(options),
    (given) => ({
      ...numbersOf(options, given),
      ...(Object.fromEntries(flagNames.map((name) => [name, given[name] === true])) as Record<
        Flag,
        boolean
      >),
    }),
    flagNames,
  );
}

function helpOf(what: string, options: Numbers<string>): string {
  const lines = Object.entries(options).map(
    ([name, { about, otherwise }]) => `  --${name.padEnd(12)} ${about} (${otherwise})`,
  );
  return [what, '', ...lines].join('\n');
}

function read<T>(
  help: string,
  names: readonly string[],
  from: (given: Given) => T,
  flags: readonly string[] = [],
): T {
  const texts = Object.fromEntries([
    ...names.map((name) => [name, { type: 'string' as const }]),
    ...flags.map((name) => [name, { type: 'boolean' as const }]),
  ]);
  try {
    const { values } = parseArgs({
      options: { ...texts, help: { type: 'boolean' as const, short: 'h' } },
    });
    const given = values as Given;
    return given.help ? end(help, 0) : from(given);
  } catch (error) {
    return end(`${(error as Error).message}\n\n${help}`, 2);
  }
}

function numbersOf<Name extends string>(
  options: Numbers<Name>,
  given: Given,
): Record<Name, number> {
  const names = Object.keys(options) as Name[];
  return Object.fromEntries(
    names.map((name) => [name, numberOf(name, given[name], options[name].otherwise)]),
  ) as Record<Name, number>;
}

function numberOf(name: string, given: string | boolean | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const value = Number(given);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Error(`--${name} is '${given}': give a whole number from 0`);
  return value;
}

function profileOf(given: string | boolean | undefined): Profile {
  if (given === undefined) return 'embedded';
  const profile = profiles.find((name) => name === given);
  if (profile === undefined)
    throw new Error(`--profile is '${given}': give ${profiles.join(' or ')}`);
  return profile;
}

function end(message: string, exitCode: number): never {
  (exitCode === 0 ? process.stdout : process.stderr).write(`${message}\n`);
  process.exit(exitCode);
}
