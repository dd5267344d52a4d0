/**
 * The embedded log: durable, in process, one LMDB environment for records, offsets, state and
 * schemas. What a commit writes is on disk when its promise resolves, all of it or nothing.
 */
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { extname, join } from 'node:path';
import { StreamsError } from '../../errors.ts';
import { InProcessLog, type InProcessLogOptions } from '../in-process/in-process-log.ts';
import { lockDirectory } from './directory-lock.ts';
import { LmdbStorage } from './lmdb-storage.ts';

export interface EmbeddedLogOptions {
  /** Made when it does not exist. One process writes to it; others may open it with `readOnly`. */
  readonly directory: string;
  /**
   * Reads what another process writes, for taps. Sees a commit within 50 ms; appends, joins no group.
   *
   * @defaultValue false
   */
  readonly readOnly?: boolean;
  /** Largest record, key and value together. @defaultValue 8 MiB @see max.message.bytes */
  readonly maxRecordBytes?: number;
  /**
   * How long a member may take to commit and let go of its partitions in a rebalance, in
   * milliseconds; then it is fenced.
   *
   * @defaultValue 60_000 @see max.poll.interval.ms
   */
  readonly rebalanceTimeoutMs?: number;
  /** Milliseconds between runs of retention and compaction. @defaultValue 15_000 */
  readonly cleanIntervalMs?: number;
  /** How long compaction keeps a tombstone. @defaultValue 24 hours @see delete.retention.ms */
  readonly tombstoneRetentionMs?: number;
  /** The clock of retention, milliseconds since the Unix epoch. @defaultValue Date.now */
  readonly now?: () => number;
}

/** A `Log` that also keeps state (`stateStorage`) and schemas (`schemaRegistry`). */
export type EmbeddedLog = InProcessLog;

const defaults: InProcessLogOptions = {
  maxRecordBytes: 8 * 1024 * 1024,
  rebalanceTimeoutMs: 60_000,
  cleanIntervalMs: 15_000,
  tombstoneRetentionMs: 24 * 60 * 60 * 1_000,
  now: Date.now,
  commitsState: true,
  readOnly: false,
};

/**
 * @throws StreamsError `STREAMS_LOG_LOCKED` when another process writes to the directory;
 *   `STREAMS_LOG_UNAVAILABLE` when it is to be read and there is no log in it.
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const { directory, ...rest } = options;
  if (rest.readOnly) return openForReading(directory, { ...defaults, ...rest, readOnly: true });

  mkdirSync(directory, { recursive: true });
  const lock = lockDirectory(realpathSync(directory));
  try {
    const path = environmentPath(realpathSync(directory));
    const storage = new LmdbStorage({ path, readOnly: false });
    const stateElsewhere = { module: stateReaderModule, options: { path } };
    const whenClosed = () => lock.release();
    return new InProcessLog(storage, { ...defaults, ...rest, stateElsewhere, whenClosed });
  } catch (cause) {
    lock.release();
    throw unavailable(directory, 'cannot be opened', cause);
  }
}

/** How often a log that is open for reading looks for what its owner has written. */
const refreshIntervalMs = 50;

function openForReading(directory: string, options: InProcessLogOptions): EmbeddedLog {
  const path = environmentPath(directory);
  if (!existsSync(path)) throw unavailable(directory, 'does not exist: start its owner first');
  const storage = new LmdbStorage({ path, readOnly: true });
  const timer = setInterval(() => {
    storage.renewSnapshot();
    log.refresh();
  }, refreshIntervalMs).unref();
  const log = new InProcessLog(storage, { ...options, whenClosed: () => clearInterval(timer) });
  return log;
}

/** The module beside this one, as it is: source or compiled. */
const stateReaderModule = new URL(`state-reader${extname(import.meta.url)}`, import.meta.url).href;

function environmentPath(directory: string): string {
  return join(directory, 'log.lmdb');
}

function unavailable(directory: string, problem: string, cause?: unknown): StreamsError {
  const message = `the log in '${directory}' ${problem}`;
  return new StreamsError('STREAMS_LOG_UNAVAILABLE', message, { cause });
}
