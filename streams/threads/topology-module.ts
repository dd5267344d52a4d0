/**
 * Where a thread gets its topology from. A topology holds functions, which do not cross from thread
 * to thread: each thread imports the module that makes it.
 */
import { pathToFileURL } from 'node:url';
import { StreamsError } from '../errors.ts';
import type { Topology } from '../topology/topology.ts';

export interface TopologyModule {
  /**
   * As `new URL('./topology.ts', import.meta.url)`. Imported once in each thread: a module of its
   * own, not the one that starts the application, which would start it in every thread.
   */
  readonly module: URL;
  /** The export that makes the topology: a function of `data`. @defaultValue `'default'` */
  readonly exportName?: string;
  /** Given to that function. Plain data: each thread gets a structured clone. */
  readonly data?: unknown;
}

/** A program that waits for its own import waits for ever. */
function isProgram({ href }: URL): boolean {
  const [, program] = process.argv;
  return program !== undefined && pathToFileURL(program).href === href;
}

type MakeTopology = (data: unknown) => Topology | Promise<Topology>;

/** @throws StreamsError `STREAMS_CONFIG_INVALID` when the module does not export such a function. */
export async function loadTopology(from: TopologyModule): Promise<Topology> {
  const { module, exportName = 'default', data } = from;
  if (isProgram(module)) {
    const message = `'${module.href}' is the program itself: put the topology into its own module`;
    throw new StreamsError('STREAMS_CONFIG_INVALID', message);
  }
  const { [exportName]: make } = (await import(module.href)) as Record<string, unknown>;
  if (typeof make !== 'function') {
    const message = `'${module.href}' exports no function '${exportName}' that makes a topology`;
    throw new StreamsError('STREAMS_CONFIG_INVALID', message);
  }
  const topology: Partial<Topology> | undefined = await (make as MakeTopology)(data);
  if (topology?.subTopologies !== undefined) return topology as Topology;
  const message = `'${exportName}' of '${module.href}' makes no topology: it must return builder.build()`;
  throw new StreamsError('STREAMS_CONFIG_INVALID', message);
}
