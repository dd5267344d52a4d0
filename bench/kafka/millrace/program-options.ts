/** Arguments of the form name=value, as the harness hands them to every engine's process. */
export interface ProgramOptions {
  readonly program: string;
  readonly bootstrap: string;
  readonly application: string;
  /** In front of the name of each input topic. */
  readonly prefix: string;
  readonly output: string;
  /** Directory of the local state. */
  readonly state: string;
  readonly threads: number;
  readonly cache: 'on' | 'off';
  readonly transactionRecords: number;
  /** How long a dead member is waited for, in milliseconds; absent: the driver's default. */
  readonly sessionMs?: number;
  /** Whether tasks stay until whoever gets them has a copy of their state. */
  readonly warmUp: 'on' | 'off';
  readonly standbys: number;
}

export function programOptions(given: readonly string[]): ProgramOptions {
  const values = new Map(given.map((argument) => splitOnce(argument)));
  const text = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`give ${name}=...`);
    return value;
  };
  const sessionMs = values.get('sessionMs');
  return {
    program: text('program'),
    bootstrap: text('bootstrap'),
    application: text('application'),
    prefix: text('prefix'),
    output: text('output'),
    state: text('state'),
    threads: Number(values.get('threads') ?? 1),
    cache: values.get('cache') === 'off' ? 'off' : 'on',
    transactionRecords: Number(values.get('transactionRecords') ?? 2_000),
    warmUp: values.get('warmUp') === 'off' ? 'off' : 'on',
    standbys: Number(values.get('standbys') ?? 0),
    ...(sessionMs !== undefined && { sessionMs: Number(sessionMs) }),
  };
}

function splitOnce(argument: string): readonly [string, string] {
  const equals = argument.indexOf('=');
  if (equals < 1) throw new Error(`expected name=value, found '${argument}'`);
  return [argument.slice(0, equals), argument.slice(equals + 1)];
}
