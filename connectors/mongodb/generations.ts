/**
 * The collections of one view. Each building of it from the log is a generation with a collection of
 * its own, `items_g7`, that holds its rows and, in one document beside them, its state and positions:
 *
 *   copy ──▶ live ──▶ retired, and dropped
 *
 * Which generation is live says one document of `millrace_views`. Numbers are never used twice, so
 * whoever still holds an old generation finds it retired or gone, and never another one in its place.
 */
import type { Collection, Db } from 'mongodb';
import { ViewError } from '../views/view.ts';
import { isDropped, isDuplicateKey } from './mongo-errors.ts';

/** The latest change of a key. It replaces another as a whole when its offset is higher. */
export type Row =
  | { readonly offset: bigint; readonly deleted: false; readonly value: unknown }
  | { readonly offset: bigint; readonly deleted: true; readonly deletedAt: Date };

export interface RowDocument {
  readonly _id: string;
  readonly row: Row;
}

export type GenerationState = 'copy' | 'live' | 'retired';

/** Its id is a number, so it is not the id of any key. */
export const generationId = 0;

export interface GenerationDocument {
  readonly _id: typeof generationId;
  readonly state: GenerationState;
  /** The next offset by `topic/partition`; a dot in a topic's name is a colon here. */
  readonly positions: Readonly<Record<string, bigint>>;
}

/** A row, or the generation's own document. */
export interface AnyDocument {
  readonly _id: string | typeof generationId;
  readonly row?: Row;
  readonly state?: GenerationState;
}

interface ViewDocument {
  readonly _id: string;
  /** `null` until the schema is made. */
  readonly live: number | null;
  /** The highest number that was ever given out. */
  readonly last: number;
  /** Was live until now and has perhaps not been told. */
  readonly retiring: number | null;
}

/** One collection, seen as what is in it. */
export interface Generation {
  readonly number: number;
  readonly all: Collection<AnyDocument>;
  readonly rows: Collection<RowDocument>;
  readonly state: Collection<GenerationDocument>;
}

/** Another copy was begun, which dropped this one, or the view is gone. */
class CopyLost extends Error {
  override readonly name = 'CopyLost';
}

export class Generations {
  readonly #database: Db;
  readonly #view: string;
  readonly #views: Collection<ViewDocument>;
  #live: number | undefined;

  constructor(database: Db, view: string) {
    this.#database = database;
    this.#view = view;
    this.#views = database.collection('millrace_views');
  }

  /** The one that was live when last looked at: whoever uses it asks its state too. */
  async live(): Promise<Generation> {
    this.#live ??= await this.#readLive();
    return this.generation(this.#live);
  }

  /** It is not live any more: the next question looks again. */
  forget({ number }: Generation): void {
    if (this.#live === number) this.#live = undefined;
  }

  generation(number: number): Generation {
    const name = `${this.#view}_g${number}`;
    return {
      number,
      all: this.#database.collection<AnyDocument>(name),
      rows: this.#database.collection<RowDocument>(name),
      state: this.#database.collection<GenerationDocument>(name),
    };
  }

  /** The first one, when there is none. Several processes may do it at once. */
  async createFirst(): Promise<void> {
    await this.#makeKnown();
    for (;;) {
      const view = await this.#views.findOne({ _id: this.#view });
      if (view?.live !== null) return;
      try {
        await this.switchTo(await this.create());
      } catch (error) {
        // Another process began one after ours. The one whose beginning was the last goes through.
        if (!(error instanceof CopyLost)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 200));
      }
    }
  }

  /** Whether the database has forgotten the view, or the rows of its live generation. */
  async isLost(): Promise<boolean> {
    const view = await this.#views.findOne({ _id: this.#view });
    if (view === null || view.live === null) return true;
    const state = await this.generation(view.live).state.findOne({ _id: generationId });
    if (state !== null) return false;
    // Another may have become live after the first question.
    return (await this.#views.findOne({ _id: this.#view }))?.live === view.live;
  }

  /** A new copy. Older ones that are not live are dropped: from now on they cannot become it. */
  async create(): Promise<Generation> {
    await this.#makeKnown();
    const view = await this.#views.findOneAndUpdate(
      { _id: this.#view },
      { $inc: { last: 1 } },
      { returnDocument: 'after' },
    );
    if (view === null) throw this.#missing();
    await this.#dropBelow(view);
    const copy = this.generation(view.last);
    // Counts what is not deleted, and finds the deleted ones by age.
    await copy.rows.createIndex({ 'row.deleted': 1, 'row.deletedAt': 1 });
    await copy.state.insertOne({ _id: generationId, state: 'copy', positions: {} });
    return copy;
  }

  /** Done again, it changes nothing. @throws CopyLost */
  async switchTo(copy: Generation): Promise<void> {
    const view = await this.#settled();
    if (view.live !== copy.number) {
      await this.#makeLive(copy, view);
      await this.#settled();
    }
    this.#live = copy.number;
    // Nobody needs it: who holds it finds no state in it, and looks for the live one.
    if (view.live !== null && view.live !== copy.number) await drop(this.generation(view.live));
  }

  /** Drops a copy that did not become live. */
  async abandon({ state, rows }: Generation): Promise<void> {
    const { matchedCount } = await state.updateOne(
      { _id: generationId, state: 'copy' },
      { $set: { state: 'retired' } },
    );
    if (matchedCount > 0) await drop({ rows });
  }

  async #makeLive(copy: Generation, { live }: ViewDocument): Promise<void> {
    const prepared = await copy.state.updateOne({ _id: generationId }, { $set: { state: 'live' } });
    if (prepared.matchedCount > 0) {
      // `last`: whoever begins another copy after this does not drop ours, and before it stops us.
      const switched = await this.#views.updateOne(
        { _id: this.#view, live, retiring: null, last: copy.number },
        { $set: { live: copy.number, retiring: live } },
      );
      if (switched.matchedCount > 0) return;
    }
    await drop(copy);
    throw new CopyLost(`the copy of view '${this.#view}' was dropped: another one was begun`);
  }

  async #makeKnown(): Promise<void> {
    const view = { live: null, last: numberNow(), retiring: null };
    await this.#views
      .updateOne({ _id: this.#view }, { $setOnInsert: view }, { upsert: true })
      .catch(ignoreDuplicate);
  }

  async #readLive(): Promise<number> {
    const { live } = await this.#settled();
    if (live === null) throw this.#missing();
    return live;
  }

  /**
   * The view when nobody takes the generation before for live: whoever reads this document first
   * after a process died in the middle of a switch ends the switch.
   */
  async #settled(): Promise<ViewDocument> {
    const view = await this.#views.findOne({ _id: this.#view });
    if (view === null) throw this.#missing();
    if (view.retiring === null) return view;
    const { state } = this.generation(view.retiring);
    await state.updateOne({ _id: generationId }, { $set: { state: 'retired' } });
    await this.#views.updateOne(
      { _id: this.#view, retiring: view.retiring },
      { $set: { retiring: null } },
    );
    return { ...view, retiring: null };
  }

  /** Also what a writer that was late has made of a generation after it was dropped. */
  async #dropBelow({ live, last, retiring }: ViewDocument): Promise<void> {
    const named = new RegExp(`^${this.#view}_g(\\d+)$`);
    const collections = await this.#database.listCollections({}, { nameOnly: true }).toArray();
    for (const { name } of collections) {
      const number = Number(named.exec(name)?.[1] ?? last);
      if (number >= last || number === live || number === retiring) continue;
      await drop(this.generation(number));
    }
  }

  #missing(): ViewError {
    const message = `there is no ${this.#view} view in MongoDB: run \`millrace migrate\``;
    return new ViewError('VIEW_UNAVAILABLE', message);
  }
}

/**
 * Where the numbers of a view begin: after all that it had before its database was dropped, since a
 * writer may still hold one of them.
 */
function numberNow(): number {
  return Date.now();
}

/** One that is gone already, or never was, is as good. */
async function drop({ rows }: Pick<Generation, 'rows'>): Promise<void> {
  try {
    await rows.drop();
  } catch (error) {
    if (!isDropped(error)) throw error;
  }
}

function ignoreDuplicate(error: unknown): void {
  if (!isDuplicateKey(error)) throw error;
}
