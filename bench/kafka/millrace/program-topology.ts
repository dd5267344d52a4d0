/** The topology of a program by its name: what each stream thread imports. */
import type { Topology } from '#streams';
import { nexmarkQueries } from './nexmark-queries.ts';
import type { ProgramOptions } from './program-options.ts';
import { recordHandled } from './run-report.ts';
import { topologies } from './topologies.ts';

export type ProgramName = Pick<ProgramOptions, 'program' | 'prefix' | 'output'>;

export default function programTopology({ program, prefix, output }: ProgramName): Topology {
  const define = topologies[program] ?? nexmarkQueries[program];
  if (define === undefined) throw new Error(`no program '${program}'`);
  return define({ prefix, output, recordHandled });
}
