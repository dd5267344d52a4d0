/** Connections to MongoDB, one pool for what people wait for and one for what sinks write. */
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb';
import { ViewError } from '../views/view.ts';

export interface MongoOptions {
  /** `mongodb://…`, with credentials if it has some; it appears in no message. */
  readonly url: string;
  /** One for each shop; its views, their positions and the schema's version are in it. */
  readonly database: string;
  /** After which a read fails, in milliseconds. @defaultValue 1_500 */
  readonly readTimeoutMs?: number;
  /** After which a write that nothing is heard of fails, in milliseconds. @defaultValue 10_000 */
  readonly writeTimeoutMs?: number;
}

export interface MongoConnection {
  /** For readers: fails within `readTimeoutMs`. */
  readonly reads: Db;
  /** For sinks, rebuilds and migrations. */
  readonly writes: Db;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  close(): Promise<void>;
}

/** A server that went away is noticed, and found again, within so long. */
const heartbeatMs = 2_000;

/** Connects when it is first used. @throws Error when the address is none. */
export function connectToMongo(options: MongoOptions): MongoConnection {
  const { readTimeoutMs = 1_500, writeTimeoutMs = 10_000 } = options;
  const readers = openClient(options.url, timeouts(readTimeoutMs));
  const writers = openClient(options.url, timeouts(writeTimeoutMs));
  return {
    reads: readers.db(options.database),
    writes: writers.db(options.database),
    readTimeoutMs,
    writeTimeoutMs,
    close: async () => {
      await Promise.all([readers.close(), writers.close()]);
    },
  };
}

function openClient(url: string, timeoutOptions: MongoClientOptions): MongoClient {
  try {
    return new MongoClient(url, {
      appName: 'millrace',
      // An offset is a 64-bit integer, and no other value is one: numbers stay numbers.
      useBigInt64: true,
      // Answered when it survives the loss of a process, and with a replica set of a machine.
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary', // A service looks for its own write.
      heartbeatFrequencyMS: heartbeatMs,
      ...timeoutOptions,
    });
  } catch {
    // The driver's error may repeat a part of the address, and a password with it.
    throw new Error(
      "the address of MongoDB is not a connection string such as 'mongodb://host:27017', or names " +
        'an option that the driver does not have',
    );
  }
}

function timeouts(timeoutMs: number): MongoClientOptions {
  return {
    serverSelectionTimeoutMS: timeoutMs,
    waitQueueTimeoutMS: timeoutMs,
    // Also of the driver's look at the server, which breaks what is under way when it is not answered.
    connectTimeoutMS: timeoutMs,
    socketTimeoutMS: timeoutMs,
  };
}

/**
 * Does not wait longer than so long. What was begun goes on and ends by the driver's own timeouts.
 *
 * @throws ViewError `VIEW_UNAVAILABLE`
 */
export async function within<T>(timeoutMs: number, what: string, begun: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `${what} cannot be read: no answer from MongoDB within ${timeoutMs} ms`;
      reject(new ViewError('VIEW_UNAVAILABLE', message));
    }, timeoutMs);
  });
  try {
    return await Promise.race([begun, late]);
  } finally {
    clearTimeout(timer);
  }
}
