/**
 * The lake writer: follows every topic of the log and keeps it as Parquet, each record once.
 *
 * Records wait in memory until a flush; what waits when the process dies is read again, because the
 * position of a partition is the end of its last file (parquet-files.ts).
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import {
  type Log,
  type LogReader,
  type RecordBatch,
  type SchemaRegistry,
  type Serde,
  type Topic,
  type TopicPartition,
  topicSerdes,
} from '#streams';
import { SinkError } from '../sink-error.ts';
import { type LakeRow, lakeChunk, lakeColumns, lakeRow } from './lake-rows.ts';
import { type LakeFile, ParquetFiles } from './parquet-files.ts';

export interface LakeWriterOptions {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly directory: string;
  /** Topics whose values are decoded to JSON. Others, dead letters for instance, keep their bytes. */
  // biome-ignore lint/suspicious/noExplicitAny: the lake does not care what a topic holds
  readonly topics: readonly Topic<any, any>[];
  /** Topics for which this is true are not kept. @defaultValue repartition and changelog topics */
  readonly leavesOut?: (topic: string) => boolean;
  /** Flushes a partition when so many rows wait. @defaultValue 20_000 */
  readonly flushRows?: number;
  /** Merges a partition's files when there are so many small ones. @defaultValue 16 */
  readonly mergeFiles?: number;
}

const smallFileBytes = 32 * 1024 * 1024;
const vectorSize = 2_048;
const pollWaitMs = 1_000;

interface Waiting {
  readonly topic: string;
  readonly partition: number;
  firstOffset: bigint;
  nextOffset: bigint;
  rows: LakeRow[];
}

type Serdes = { readonly key: Serde<unknown>; readonly value: Serde<unknown> };

export class LakeWriter {
  readonly files: ParquetFiles;
  readonly #options: Required<LakeWriterOptions>;
  readonly #serdes = new Map<string, Serdes>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #followed = new Set<string>();
  #reader: LogReader | undefined;
  #connection: DuckDBConnection | undefined;
  #rowsWritten = 0;

  constructor(options: LakeWriterOptions) {
    const leavesOut = (topic: string) => /-(repartition|changelog)$/.test(topic);
    this.#options = { leavesOut, flushRows: 20_000, mergeFiles: 16, ...options };
    this.files = new ParquetFiles(options.directory);
  }

  async open(): Promise<void> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      autoinstall_known_extensions: 'false',
    });
    this.#connection = await instance.connect();
    await this.#connection.run(`CREATE TABLE waiting (${lakeColumns})`);
    this.#reader = this.#options.log.openReader();
    const { registry } = this.#options;
    for (const topic of this.#options.topics)
      this.#serdes.set(topic.name, await topicSerdes(topic, registry));
  }

  /** Rows written since `open`. */
  get rowsWritten(): number {
    return this.#rowsWritten;
  }

  /**
   * Reads what is new, up to the end of the log as it was when the call began, and writes it.
   * Answers the number of rows written.
   */
  async catchUp(): Promise<number> {
    const before = this.#rowsWritten;
    const ends = await this.#follow();
    while ([...ends].some(([id, end]) => this.#position(id) < end)) {
      const batches = await this.#readerOrThrow().poll({
        maxRecords: 5_000,
        maxWaitMs: pollWaitMs,
      });
      // The log is away: the next call goes on where this one ends.
      if (batches.length === 0) break;
      for (const batch of batches) await this.#take(batch);
    }
    for (const waiting of [...this.#waiting.values()]) await this.#flush(waiting);
    return this.#rowsWritten - before;
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#connection?.closeSync();
    this.#reader = undefined;
    this.#connection = undefined;
  }

  /** Starts to follow topics that are new; answers the end offset of every partition followed. */
  async #follow(): Promise<Map<string, bigint>> {
    const ends = new Map<string, bigint>();
    const starts: (TopicPartition & { readonly offset: bigint })[] = [];
    for (const topic of await this.#options.log.describeTopics()) {
      if (this.#options.leavesOut(topic.name)) continue;
      for (const [partition, { beginning, end }] of topic.offsets.entries()) {
        const id = idOf(topic.name, partition);
        ends.set(id, end);
        if (this.#followed.has(id)) continue;
        this.#followed.add(id);
        this.files.removeLeftovers(topic.name, partition);
        const position = this.files.position(topic.name, partition);
        const offset = position > beginning ? position : beginning;
        starts.push({ topic: topic.name, partition, offset });
        this.#waitFrom(topic.name, partition, offset);
      }
    }
    if (starts.length > 0) this.#readerOrThrow().assign(starts);
    return ends;
  }

  #position(id: string): bigint {
    return this.#waiting.get(id)?.nextOffset ?? 0n;
  }

  #waitFrom(topic: string, partition: number, offset: bigint): void {
    const waiting = { topic, partition, firstOffset: offset, nextOffset: offset, rows: [] };
    this.#waiting.set(idOf(topic, partition), waiting);
  }

  async #take(batch: RecordBatch): Promise<void> {
    const waiting = this.#waiting.get(idOf(batch.topic, batch.partition));
    if (!waiting) return;
    const serdes = this.#serdes.get(batch.topic);
    for (const record of batch.records) waiting.rows.push(lakeRow(record, serdes));
    waiting.nextOffset = batch.nextOffset;
    if (waiting.rows.length >= this.#options.flushRows) await this.#flush(waiting);
  }

  async #flush(waiting: Waiting): Promise<void> {
    const { topic, partition, firstOffset, nextOffset, rows } = waiting;
    if (rows.length === 0) return;
    const connection = this.#connectionOrThrow();
    const appender = await connection.createAppender('waiting');
    for (let at = 0; at < rows.length; at += vectorSize)
      appender.appendDataChunk(lakeChunk(rows.slice(at, at + vectorSize), partition));
    appender.closeSync();
    await this.#write(topic, partition, 'FROM waiting');
    await connection.run('TRUNCATE waiting');
    this.files.publish(topic, partition, firstOffset, nextOffset);
    this.#rowsWritten += rows.length;
    waiting.firstOffset = nextOffset;
    waiting.rows = [];
    await this.#mergeSmall(topic, partition);
  }

  async #mergeSmall(topic: string, partition: number): Promise<void> {
    const small = trailingSmall(this.files.ofPartition(topic, partition));
    const [first, last] = [small[0], small.at(-1)];
    if (!first || !last || small.length < this.#options.mergeFiles) return;
    const paths = small.map(({ path }) => literal(path)).join(', ');
    await this.#write(topic, partition, `FROM read_parquet([${paths}]) ORDER BY "offset"`);
    this.files.publish(topic, partition, first.firstOffset, last.nextOffset);
    this.files.removeLeftovers(topic, partition);
  }

  async #write(topic: string, partition: number, from: string): Promise<void> {
    const path = literal(this.files.temporary(topic, partition));
    try {
      await this.#connectionOrThrow().run(
        `COPY (SELECT * ${from}) TO ${path} (FORMAT parquet, COMPRESSION zstd)`,
      );
    } catch (error) {
      throw new SinkError('SINK_UNAVAILABLE', `lake: cannot write ${path}`, error);
    }
  }

  #readerOrThrow(): LogReader {
    if (!this.#reader) throw new SinkError('SINK_UNAVAILABLE', 'the lake writer is not open');
    return this.#reader;
  }

  #connectionOrThrow(): DuckDBConnection {
    if (!this.#connection) throw new SinkError('SINK_UNAVAILABLE', 'the lake writer is not open');
    return this.#connection;
  }
}

const idOf = (topic: string, partition: number) => `${topic}/${partition}`;

const literal = (path: string) => `'${path.replaceAll("'", "''")}'`;

/** The small files at the end: merging them gives one file without touching the large ones. */
function trailingSmall(files: readonly LakeFile[]): LakeFile[] {
  const firstSmall = files.findLastIndex(({ sizeBytes }) => sizeBytes >= smallFileBytes) + 1;
  return files.slice(firstSmall);
}
