/** A view that is a collection of documents: its readers, its writer, its audit, its rebuild. */
import { AppliedSignal } from '../applied-signal.ts';
import { SinkError } from '../sink-error.ts';
import type { OneWriter, Rebuildable } from '../views/rebuild.ts';
import type { Entries } from '../views/shop-views.ts';
import { type ChangeBatch, ViewError, type ViewReader, type ViewWriter } from '../views/view.ts';
import { fromDocument } from './document-value.ts';
import {
  type Generation,
  type GenerationDocument,
  type GenerationState,
  Generations,
  generationId,
} from './generations.ts';
import { noteOwnVersion } from './migrate-mongo.ts';
import { type MongoConnection, within } from './mongo-connection.ts';
import { isDropped, sinkErrorOf, viewErrorOf } from './mongo-errors.ts';
import { positionsOf, progressOf, writePositions, writeRows } from './mongo-writer.ts';

export interface MongoView<K extends string, V> extends Rebuildable<OneWriter<K, V>> {
  readonly reader: ViewReader & {
    get(key: K): Promise<V | undefined>;
    getMany(keys: readonly K[]): Promise<readonly V[]>;
    count(): Promise<number>;
  };
  readonly writer: ViewWriter<K, V>;
  readonly entries: Entries<K, V>;
}

export interface MarkerOptions {
  /** How long the marker of a deleted key stays, in milliseconds: see decision 0019. */
  readonly retentionMs: number;
  readonly nowMs: () => number;
}

/** What a generation says, and what it was when it said it. */
interface Answer<T> {
  readonly state: GenerationState | undefined;
  readonly answer: T;
}

interface Standing {
  readonly generation: Generation;
  readonly document: GenerationDocument;
}

/** As many as the log gives at once. */
const preferredChanges = 1_000;
const entriesBatch = 1_000;
const purgeEveryMs = 3_600_000;
/** A rebuild switches a view at most that often while somebody reads it once. */
const maxLooks = 20;

export function mongoView<K extends string, V>(
  name: string,
  connection: MongoConnection,
  markers: MarkerOptions,
): MongoView<K, V> {
  return new StoredView<K, V>(name, connection, markers);
}

class StoredView<K extends string, V> implements MongoView<K, V> {
  readonly reader: MongoView<K, V>['reader'];
  readonly writer: ViewWriter<K, V>;
  readonly #name: string;
  readonly #connection: MongoConnection;
  readonly #markers: MarkerOptions;
  /** What readers and what writers look at, each through their own connections. */
  readonly #read: Generations;
  readonly #written: Generations;
  readonly #signal = new AppliedSignal();
  #purgedAtMs = -Infinity;

  constructor(name: string, connection: MongoConnection, markers: MarkerOptions) {
    this.#name = name;
    this.#connection = connection;
    this.#markers = markers;
    this.#read = new Generations(connection.reads, name);
    this.#written = new Generations(connection.writes, name);
    this.reader = {
      get: async (key) => (await this.#getMany([key]))[0],
      getMany: (keys) => this.#getMany(keys),
      count: () => this.#count(),
      onApplied: (listener) => this.#signal.onApplied(listener),
    };
    this.writer = this.#writerOf(undefined);
  }

  readonly entries = () => this.#entries();

  readonly isLost = () => this.#written.isLost();

  readonly beginCopy = async () => {
    await noteOwnVersion(this.#connection.writes);
    const copy = await this.#written.create();
    return {
      writers: { writer: this.#writerOf(copy) },
      switchOver: () => this.#written.switchTo(copy),
      abandon: () => this.#written.abandon(copy),
    };
  };

  async #getMany(keys: readonly K[]): Promise<V[]> {
    if (keys.length === 0) return [];
    const documents = await this.#whileLive(async ({ all }) => {
      const answer = await all
        .find(
          { _id: { $in: [generationId, ...keys] } },
          { batchSize: keys.length + 2, projection: { positions: 0 } },
        )
        .toArray();
      return { state: answer.find(({ _id }) => _id === generationId)?.state, answer };
    });
    const values = new Map<unknown, V>();
    for (const { _id, row } of documents) {
      if (row !== undefined && !row.deleted) values.set(_id, fromDocument(row.value) as V);
    }
    return keys.flatMap((key) => values.get(key) ?? []);
  }

  #count(): Promise<number> {
    return this.#whileLive(async ({ rows, state }) => {
      const answer = await rows.countDocuments({ 'row.deleted': false });
      return { state: (await state.findOne({ _id: generationId }))?.state, answer };
    });
  }

  /**
   * What the live generation answers. Each answer comes with the state of the generation that gave
   * it, so one that was retired or dropped meanwhile is never believed.
   */
  #whileLive<T>(ask: (from: Generation) => Promise<Answer<T>>): Promise<T> {
    const asking = async (): Promise<T> => {
      for (let look = 0; look < maxLooks; look += 1) {
        const generation = await this.#read.live();
        const { state, answer } = await orDropped(ask(generation));
        if (state === 'live') return answer as T;
        this.#read.forget(generation);
      }
      throw this.#nothingLive();
    };
    const answered = asking().catch((error: unknown) => {
      throw viewErrorOf(error, this.#name);
    });
    return within(this.#connection.readTimeoutMs, `the ${this.#name} view`, answered);
  }

  /** By key. Through the connections of sinks: an audit is in no hurry. */
  async *#entries(): AsyncGenerator<readonly [K, V]> {
    try {
      const { generation } = await this.#liveToWrite();
      const found = generation.rows
        .find({ 'row.deleted': false })
        .sort({ _id: 1 })
        .batchSize(entriesBatch);
      for await (const { _id, row } of found) {
        if (!row.deleted) yield [_id as K, fromDocument(row.value) as V];
      }
      const { state } = (await generation.state.findOne({ _id: generationId })) ?? {};
      if (state === 'live') return;
    } catch (error) {
      if (!isDropped(error)) throw viewErrorOf(error, this.#name);
    }
    const message = `the ${this.#name} view was built anew while it was read: read it again`;
    throw new ViewError('VIEW_UNAVAILABLE', message);
  }

  /** Of a copy, or of whatever is live. */
  #writerOf(copy: Generation | undefined): ViewWriter<K, V> {
    return {
      name: this.#name,
      preferredChanges,
      positions: async () => {
        try {
          return positionsOf((await this.#target(copy)).document);
        } catch (error) {
          throw sinkErrorOf(error, this.#name, []);
        }
      },
      apply: async (batches) => {
        try {
          await this.#apply(copy, batches);
        } catch (error) {
          throw sinkErrorOf(error, this.#name, batches);
        }
      },
    };
  }

  async #apply(copy: Generation | undefined, batches: readonly ChangeBatch<K, V>[]): Promise<void> {
    const { generation, document } = await this.#target(copy);
    const { changes, positions } = progressOf(this.#name, document.positions, batches);
    if (Object.keys(positions).length === 0) return;
    const nowMs = this.#markers.nowMs();
    await writeRows(generation.rows, changes.values(), nowMs);
    await writePositions(this.#name, generation, document.state, positions);
    if (copy !== undefined) return;
    this.#signal.notify();
    await this.#purge(generation, nowMs);
  }

  /** Markers of keys that were deleted so long ago that no writer can still be before that. */
  async #purge({ rows }: Generation, nowMs: number): Promise<void> {
    if (nowMs - this.#purgedAtMs < purgeEveryMs) return;
    this.#purgedAtMs = nowMs;
    const before = new Date(nowMs - this.#markers.retentionMs);
    await rows.deleteMany({ 'row.deleted': true, 'row.deletedAt': { $lt: before } });
  }

  /** Where to write, and how it stands. */
  async #target(copy: Generation | undefined): Promise<Standing> {
    if (copy === undefined) return this.#liveToWrite();
    const document = await copy.state.findOne({ _id: generationId });
    if (document?.state === 'copy') return { generation: copy, document };
    throw new SinkError(
      'SINK_UNAVAILABLE',
      `the copy of view '${this.#name}' is not one any more: it was switched over or dropped`,
    );
  }

  async #liveToWrite(): Promise<Standing> {
    for (let look = 0; look < maxLooks; look += 1) {
      const generation = await this.#written.live();
      const document = await generation.state.findOne({ _id: generationId });
      if (document?.state === 'live') return { generation, document };
      this.#written.forget(generation);
    }
    throw this.#nothingLive();
  }

  #nothingLive(): ViewError {
    return new ViewError('VIEW_UNAVAILABLE', `the ${this.#name} view has no live generation`);
  }
}

async function orDropped<T>(asked: Promise<Answer<T>>): Promise<Answer<T | undefined>> {
  try {
    return await asked;
  } catch (error) {
    if (!isDropped(error)) throw error;
    return { state: undefined, answer: undefined };
  }
}
