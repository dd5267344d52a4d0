/** The options of `npm run bench:kafka`. */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { type EngineName, engineNames } from './engines.ts';
import { programNames } from './programs.ts';

export interface BenchOptions {
  readonly programs: readonly string[];
  readonly engines: readonly EngineName[];
  readonly records: number;
  readonly keys: number;
  readonly bigRecords: number;
  readonly threads: number;
  readonly repeat: number;
  /** Of the latency program: records a second, and for how long they are measured. */
  readonly rate: number;
  readonly seconds: number;
  /** Before them, not measured: the broker and a peer compile themselves. */
  readonly warmUpSeconds: number;
  readonly sessionMs: number;
  /** Which repetitions have their outputs read back and compared. */
  readonly check: 'first' | 'all' | 'none';
  /** A broker that runs already, and its process; absent: one is started. */
  readonly kafka: string | undefined;
  readonly brokerProcess: number | undefined;
  /** Where state directories are made. */
  readonly directory: string;
}

const usage = `npm run bench:kafka -- [programs] [options]

programs   ${programNames.join(' ')}; all of them by default
--engines  ${engineNames.join(',')}; all by default
--records  input records of a throughput program, or Nexmark events (1000000)
--keys     of the events (10000)
--big-records    of 500 bytes in the store that is restored (2000000)
--threads  of each engine that has them (1)
--repeat   runs of each program and engine, interleaved (2)
--rate, --seconds  of the latency program (1000 records/s for 30 s)
--warm-up  seconds of the same before it (30)
--session-ms     how long a dead member is waited for, in the crash program (6000)
--check    first, all or none: whose outputs are compared with what must come out (first)
--kafka    host:port of a broker that runs, instead of starting one
--broker-process   its process id, to measure its processor time
--directory  for local state (${tmpdir()})`;

export function benchOptions(given: readonly string[]): BenchOptions {
  const absent = { type: 'string' } as const;
  const text = (otherwise: string) => ({ type: 'string', default: otherwise }) as const;
  const { values, positionals } = parseArgs({
    args: [...given],
    allowPositionals: true,
    options: {
      engines: text(engineNames.join(',')),
      records: text('1000000'),
      keys: text('10000'),
      'big-records': text('2000000'),
      threads: text('1'),
      repeat: text('2'),
      rate: text('1000'),
      seconds: text('30'),
      'warm-up': text('30'),
      'session-ms': text('6000'),
      check: text('first'),
      kafka: absent,
      'broker-process': absent,
      directory: text(tmpdir()),
    },
  });
  return {
    programs: known('program', positionals.length > 0 ? positionals : programNames, programNames),
    engines: known('engine', values.engines.split(','), engineNames) as EngineName[],
    records: count('records', values.records),
    keys: count('keys', values.keys),
    bigRecords: count('big-records', values['big-records']),
    threads: count('threads', values.threads),
    repeat: count('repeat', values.repeat),
    rate: count('rate', values.rate),
    seconds: count('seconds', values.seconds),
    warmUpSeconds: count('warm-up', values['warm-up']),
    sessionMs: count('session-ms', values['session-ms']),
    check: known('check', [values.check], ['first', 'all', 'none'])[0] as BenchOptions['check'],
    kafka: values.kafka,
    brokerProcess:
      values['broker-process'] === undefined
        ? undefined
        : count('broker-process', values['broker-process']),
    directory: values.directory,
  };
}

function known(what: string, given: readonly string[], all: readonly string[]): readonly string[] {
  const strange = given.filter((name) => !all.includes(name));
  if (strange.length === 0) return given;
  throw new Error(`no ${what} '${strange.join(', ')}'\n\n${usage}`);
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} is '${text}': give a whole number above 0\n\n${usage}`);
}
