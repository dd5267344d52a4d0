/**
 * Reads many partitions, each from its own position. Partitions that have something to read stand in
 * a queue and take turns; the others cost nothing, and a commit puts them back into it.
 */
import { StreamsError } from '../../errors.ts';
import type { LogReader, PollOptions, RecordBatch, TopicPartition } from '../log.ts';
import type { OrderedStorage } from './ordered-storage.ts';
import { PartitionCursor } from './partition-cursor.ts';
import type { PartitionState } from './partition-state.ts';

const defaultMaxRecords = 1_000;
const defaultMaxBytes = 8 * 1024 * 1024;

/** A longer timer fires at once. */
const longestTimerMs = 2 ** 31 - 1;

interface Position {
  readonly cursor: PartitionCursor;
  readonly listener: () => void;
  queued: boolean;
  paused: boolean;
}

export class PartitionReader implements LogReader {
  readonly #storage: OrderedStorage;
  readonly #find: (partition: TopicPartition) => PartitionState;
  readonly #positions = new Map<PartitionState, Position>();
  #ready: Position[] = [];
  #wakes: (() => void)[] = [];
  #failure: StreamsError | undefined;
  #closed = false;

  constructor(storage: OrderedStorage, find: (partition: TopicPartition) => PartitionState) {
    this.#storage = storage;
    this.#find = find;
  }

  assign(partitions: readonly (TopicPartition & { readonly offset: bigint })[]): void {
    for (const { offset, ...partition } of partitions) {
      const state = this.#find(partition);
      this.unassign([partition]);
      this.#add(state, Number(offset));
    }
  }

  unassign(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const state = this.#find(partition);
      const position = this.#positions.get(state);
      if (position === undefined) continue;
      state.listeners.delete(position.listener);
      this.#positions.delete(state);
      this.#ready = this.#ready.filter((other) => other !== position);
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const position = this.#positions.get(this.#find(partition));
      if (position !== undefined) position.paused = true;
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const position = this.#positions.get(this.#find(partition));
      if (position === undefined) continue;
      position.paused = false;
      this.#enqueue(position);
    }
  }

  seek(partition: TopicPartition, offset: bigint): void {
    const state = this.#find(partition);
    const position = this.#positions.get(state);
    if (position === undefined) return;
    position.cursor.seek(Number(offset));
    this.#checkPosition(position.cursor);
    this.#enqueue(position);
  }

  async poll(options: PollOptions): Promise<readonly RecordBatch[]> {
    const deadlineMs = performance.now() + options.maxWaitMs;
    for (;;) {
      this.#checkUsable();
      const batches = this.#take(options);
      if (batches.length === 0) this.#checkUsable();
      const leftMs = deadlineMs - performance.now();
      if (batches.length > 0 || leftMs <= 0 || this.#closed) return batches;
      await this.#readable(leftMs);
      if (this.#closed) return [];
    }
  }

  /** Makes polls that wait look again. */
  wake(): void {
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const [state, position] of this.#positions) state.listeners.delete(position.listener);
    this.#positions.clear();
    this.#ready = [];
    this.wake();
  }

  #add(state: PartitionState, offset: number): void {
    const cursor = new PartitionCursor(this.#storage, state, Math.max(offset, state.beginning));
    const position: Position = {
      cursor,
      listener: () => this.#enqueue(position),
      queued: false,
      paused: false,
    };
    this.#positions.set(state, position);
    state.listeners.add(position.listener);
    this.#checkPosition(cursor);
    this.#enqueue(position);
  }

  /** An offset that does not exist yet means that the log is not the one it was: say so, don't wait. */
  #checkPosition({ partition, position }: PartitionCursor): void {
    if (position <= partition.end) return;
    this.#failure = new StreamsError(
      'STREAMS_OFFSET_OUT_OF_RANGE',
      `cannot read '${partition.topic}' partition ${partition.partition} from offset ${position}: ` +
        `it has ${partition.beginning} to ${partition.end}. Was the log deleted or restored? ` +
        'Rebuild what was made from it',
    );
    this.wake();
  }

  #checkUsable(): void {
    if (this.#closed) throw new StreamsError('STREAMS_LOG_CLOSED', 'the reader is closed');
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  #enqueue(position: Position): void {
    if (position.queued || position.paused || position.cursor.atEnd) return;
    position.queued = true;
    this.#ready.push(position);
    this.wake();
  }

  #take({
    maxRecords = defaultMaxRecords,
    maxBytes = defaultMaxBytes,
  }: PollOptions): RecordBatch[] {
    const batches: RecordBatch[] = [];
    const turns = this.#ready.length;
    const share = Math.max(1, Math.ceil(maxRecords / Math.max(1, turns)));
    let records = maxRecords;
    let bytes = maxBytes;
    for (let turn = 0; turn < turns && records > 0 && bytes > 0; turn++) {
      const position = this.#ready.shift() as Position;
      position.queued = false;
      if (position.paused) continue;
      const limit = { records: Math.min(share, records), bytes };
      const granted = limit.records;
      try {
        const batch = this.#readBatch(position, limit);
        if (batch !== undefined) batches.push(batch);
      } catch (error) {
        // Deliver what the other partitions gave, fail the next poll: and again each time it is tried.
        this.#failure = asStreamsError(error);
      }
      records -= granted - limit.records;
      bytes = limit.bytes;
      this.#enqueue(position);
    }
    return batches;
  }

  #readBatch(
    { cursor }: Position,
    limit: { records: number; bytes: number },
  ): RecordBatch | undefined {
    const { topic, partition, end } = cursor.partition;
    if (cursor.atEnd) return undefined;
    const { lost } = cursor;
    const records = cursor.read(limit);
    const nextOffset = BigInt(cursor.position);
    const batch = { topic, partition, records, nextOffset, endOffset: BigInt(end) };
    return lost === 0 ? batch : { ...batch, lostRecords: BigInt(lost) };
  }

  /** Resolves when there is something to look at, or after `maxWaitMs`. */
  #readable(maxWaitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => {
          this.#wakes = this.#wakes.filter((other) => other !== wake);
          resolve();
        },
        Math.min(maxWaitMs, longestTimerMs),
      );
      const wake = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#wakes.push(wake);
    });
  }
}

function asStreamsError(error: unknown): StreamsError {
  if (error instanceof StreamsError) return error;
  return new StreamsError('STREAMS_LOG_UNAVAILABLE', 'the log could not be read', {
    cause: error,
    retryable: true,
  });
}
