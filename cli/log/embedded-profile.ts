/** The embedded profile: log, schemas and state in one directory. */
import { join } from 'node:path';
import { StreamsError } from '#streams';
import { openEmbeddedLog } from '#streams/embedded';
import { UsageError } from '../command.ts';
import type { ShopLog } from './shop-log.ts';

export async function openEmbedded(dataDirectory: string): Promise<ShopLog> {
  const log = await openEmbeddedLog({ directory: directoryIn(dataDirectory) });
  return { log, registry: log.schemaRegistry, close: () => log.close() };
}

export async function readEmbedded(dataDirectory: string): Promise<ShopLog> {
  try {
    const log = await openEmbeddedLog({ directory: directoryIn(dataDirectory), readOnly: true });
    return { log, registry: log.schemaRegistry, close: () => log.close() };
  } catch (error) {
    if (error instanceof StreamsError && error.code === 'STREAMS_LOG_UNAVAILABLE')
      throw new UsageError(`${error.message} (MILLRACE_DATA names the directory of the data)`);
    throw error;
  }
}

const directoryIn = (dataDirectory: string) => join(dataDirectory, 'log');
