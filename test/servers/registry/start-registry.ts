/** A schema registry for tests: Apicurio Registry, which speaks the API of Confluent's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, requireFree } from '../free-ports.ts';
import { findJava } from '../java.ts';
import { registryApplication } from '../server-files.ts';
import { ServerProcess } from '../server-process.ts';
import {
  registryPath,
  registrySettings,
  storedInKafka,
  storedInMemory,
} from './registry-settings.ts';

export interface RegistryOptions {
  /**
   * Keeps the schemas in this cluster, where another start finds them again. It takes ten seconds
   * longer to start.
   *
   * @defaultValue in memory
   */
  readonly bootstrapServers?: string;
  /** @defaultValue a free one */
  readonly port?: number;
}

export interface RegistryServer {
  /** Of Confluent's API: `GET <url>/subjects`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Resolves when it answers. Fails with the end of its log, and it does not run then. */
export async function startRegistry(options: RegistryOptions = {}): Promise<RegistryServer> {
  const application = await registryApplication();
  const java = findJava(21, 'the schema registry');
  const [free = 0, managementPort = 0] = await freePorts(2);
  const port = options.port ?? free;
  await requireFree(port);
  const url = `http://127.0.0.1:${port}${registryPath}`;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-registry-'));
  const { bootstrapServers } = options;

  const server = new ServerProcess({
    name: 'the schema registry',
    executable: java,
    args: [
      ...['-Xms64m', '-Xmx320m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      ...[`-Djava.io.tmpdir=${folder}`, '-jar', join(application, 'quarkus-run.jar')],
    ],
    environment: {
      ...registrySettings,
      ...(bootstrapServers === undefined ? storedInMemory : storedInKafka(bootstrapServers)),
      QUARKUS_HTTP_HOST: '127.0.0.1',
      QUARKUS_HTTP_PORT: `${port}`,
      QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
      QUARKUS_MANAGEMENT_PORT: `${managementPort}`,
    },
    logFile: join(folder, 'registry.log'),
    isReady: () => answers(`${url}/subjects`),
    temporaryFolder: folder,
  });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
