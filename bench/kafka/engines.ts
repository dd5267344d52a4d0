/** How the process of each engine is started. README.md says how each is built. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type EngineName = 'kafka-streams' | 'millrace' | 'goka' | 'quix-streams';

export interface EngineCommand {
  readonly command: readonly string[];
  readonly directory: string;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const repository = fileURLToPath(new URL('../../', import.meta.url));
const javaPeer = join(here, 'peers/kafka-streams');
const goPeer = join(here, 'peers/goka');
const pythonPeer = join(here, 'peers/quix');

/** What must be there before an engine can run. */
const built: Readonly<Record<EngineName, string>> = {
  'kafka-streams': join(javaPeer, 'target/classes/bench/Main.class'),
  millrace: join(here, 'millrace/main.ts'),
  goka: join(goPeer, 'build/goka'),
  'quix-streams': join(pythonPeer, '.venv/bin/python'),
};

const javaArguments = ['-Xmx1g', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];

/** As streams/README.md advises for a process that runs topologies. */
const nodeArguments = ['--max-semi-space-size=32', '--import', 'tsx'];

const commands: Readonly<Record<EngineName, EngineCommand>> = {
  'kafka-streams': {
    command: ['java', ...javaArguments, '-cp', 'target/classes:target/lib/*', 'bench.Main'],
    directory: javaPeer,
  },
  millrace: {
    command: [process.execPath, ...nodeArguments, 'bench/kafka/millrace/main.ts'],
    directory: repository,
  },
  goka: { command: [built.goka], directory: goPeer },
  'quix-streams': { command: [built['quix-streams'], 'count.py'], directory: pythonPeer },
};

/** The probes are a part of the Java peer, and stand beside every engine. */
export const probeEngine: EngineName = 'kafka-streams';

export const engineNames = Object.keys(commands) as EngineName[];

export function isBuilt(engine: EngineName): boolean {
  return existsSync(built[engine]);
}

export function commandOf(engine: EngineName): EngineCommand {
  return commands[engine];
}
