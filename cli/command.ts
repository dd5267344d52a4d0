/** What a command of `millrace` is: words in, lines out, an exit code. */
import { parseArgs } from 'node:util';
import { ConfigurationError, type Environment } from './environment-reader.ts';

export interface Surroundings {
  readonly environment: Environment;
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal;
}

export interface Command {
  readonly summary: string;
  readonly usage: string;
  /** The exit code: 0 done, 1 it found what it looked for (a difference), 2 the words are wrong. */
  readonly run: (words: readonly string[], surroundings: Surroundings) => Promise<number>;
}

/** The command's words are not what its usage says. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;
type Values<O extends Options> = {
  readonly [Name in keyof O]?: O[Name]['type'] extends 'boolean' ? boolean : string;
};

/** @throws UsageError naming the word that does not fit. */
export function parseWords<const O extends Options>(
  words: readonly string[],
  options: O,
): { readonly values: Values<O>; readonly positionals: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: options as Record<string, { type: 'string' | 'boolean' }>,
      allowPositionals: true,
    });
    return { values: values as Values<O>, positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

export function isExpected(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof ConfigurationError;
}

/** Takes `--profile <name>`, which every command has, out of its words: it stands for the variable. */
export function withProfile(
  words: readonly string[],
  environment: Environment,
): { readonly rest: readonly string[]; readonly environment: Environment } {
  const at = words.findIndex((word) => /^--profile(=|$)/.test(word));
  if (at < 0) return { rest: words, environment };
  const [, inWord] = (words[at] as string).split('=', 2);
  const profile = inWord ?? words[at + 1] ?? '';
  const rest = words.toSpliced(at, inWord === undefined ? 2 : 1);
  return { rest, environment: { ...environment, MILLRACE_PROFILE: profile || '(none)' } };
}
