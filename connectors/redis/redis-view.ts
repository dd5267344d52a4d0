/**
 * One view in Redis: its writers, its reads, its copies.
 *
 * Redis may be emptied at any moment. Then rows, positions and the mark that the rows are complete
 * are gone together: a writer that stood somewhere hears `SINK_GAP`, and readers `VIEW_UNAVAILABLE`
 * until a writer has said that everything is in again.
 */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { AppliedSignal } from '../applied-signal.ts';
import { gap, rangeOf, SinkError } from '../sink-error.ts';
import type { Change, ChangeBatch, Position, ViewWriter } from '../views/view.ts';
import { ViewError } from '../views/view.ts';
import { bareError, unavailable } from './redis-connection.ts';
import type { RedisScript, ScriptArgument } from './redis-script.ts';
import {
  applyScript,
  type CopyScripts,
  formatVersion,
  type RowsScript,
  stateScript,
} from './view-scripts.ts';

/** How changes of one topic become rows. */
export interface Rows<K, V> extends RowsScript {
  /** As many as `width`. Throws what cannot be kept. */
  readonly argumentsOf: (value: V, change: Change<K, V>) => readonly ScriptArgument[];
  /** What follows the batches, for `begin`; made of all that `argumentsOf` has seen of one apply. */
  readonly trailer?: () => readonly ScriptArgument[];
}

export interface RedisViewOptions {
  readonly reads: Redis;
  readonly writes: Redis;
  readonly namespace: string;
  /** Names its keys and errors. */
  readonly name: string;
}

export interface WriterOptions<K, V> {
  /** Names it in positions. */
  readonly name: string;
  readonly rows: Rows<K, V>;
  /** Of a copy; what is live without. */
  readonly copy?: string | undefined;
}

/** Scripts of some 5 ms: long enough to be cheap, short enough that a reader does not wait. */
const preferredChanges = 1_000;

export class RedisView {
  readonly signal = new AppliedSignal();
  readonly #reads: Redis;
  readonly #writes: Redis;
  readonly #name: string;
  readonly #keys: readonly string[];

  constructor({ reads, writes, namespace, name }: RedisViewOptions) {
    this.#reads = reads;
    this.#writes = writes;
    this.#name = name;
    this.#keys = [metaKey(namespace, name)];
  }

  /** @throws ViewError `VIEW_UNAVAILABLE`: no Redis, or rows of `writer` that are not complete. */
  async read(
    script: RedisScript,
    writer: string,
    args: readonly ScriptArgument[],
  ): Promise<readonly unknown[]> {
    const what = `view '${this.#name}'`;
    let reply: readonly unknown[];
    try {
      const all = [formatVersion, writer, ...args];
      reply = (await script.run(this.#reads, this.#keys, all)) as readonly unknown[];
    } catch (error) {
      throw unavailable(what, error);
    }
    if (reply[0] === 'ok') return reply.slice(1);
    if (reply[0] === 'incomplete') {
      const message = `${what} is being built from the log, since Redis has not all of it`;
      throw new ViewError('VIEW_UNAVAILABLE', message);
    }
    throw new ViewError('VIEW_UNAVAILABLE', otherFormat(this.#name, reply[1]));
  }

  writer<K, V>(options: WriterOptions<K, V>): ViewWriter<K, V> {
    return new Writer<K, V>(
      { client: this.#writes, keys: this.#keys, view: this.#name, signal: this.signal },
      options,
    );
  }

  async beginCopy(scripts: CopyScripts, writers: readonly string[]): Promise<Copy> {
    const name = newGeneration();
    const run = async (script: RedisScript, args: readonly string[] = []) => {
      let reply: readonly unknown[];
      try {
        const all = [formatVersion, name, ...args];
        reply = (await script.run(this.#writes, this.#keys, all)) as readonly unknown[];
      } catch (error) {
        throw unavailable(`view '${this.#name}'`, error);
      }
      if (reply[0] === 'ok') return;
      const isGone = reply[0] === 'copy-gone';
      const message = isGone ? copyGone(this.#name) : otherFormat(this.#name, reply[1]);
      throw new ViewError('VIEW_UNAVAILABLE', message);
    };
    await run(scripts.begin);
    return {
      name,
      switchOver: async () => {
        await run(scripts.switchOver, writers);
        this.signal.notify();
      },
      abandon: () => run(scripts.abandon),
    };
  }
}

interface Copy {
  readonly name: string;
  switchOver(): Promise<void>;
  abandon(): Promise<void>;
}

export function metaKey(namespace: string, view: string): string {
  return `{${namespace}.${view}}:meta`;
}

export function otherFormat(view: string, format: unknown): string {
  return (
    `view '${view}' in Redis has format ${format}, and this program writes ${formatVersion}: ` +
    'run `millrace migrate` of the newer of the two'
  );
}

function copyGone(view: string): string {
  return `the copy of view '${view}' is gone, since another was begun or Redis was emptied`;
}

function newGeneration(): string {
  return randomBytes(12).toString('base64url');
}

interface Place {
  readonly client: Redis;
  readonly keys: readonly string[];
  readonly view: string;
  readonly signal: AppliedSignal;
}

class Writer<K, V> implements ViewWriter<K, V> {
  readonly name: string;
  readonly preferredChanges = preferredChanges;
  readonly #place: Place;
  readonly #rows: Rows<K, V>;
  readonly #copy: string;
  readonly #script: RedisScript;
  /** The generation that we have read on from; `undefined` when we have never stood in one. */
  #seen: string | undefined;
  /** Whether our reader was told to begin anew: from then on the next positions count. */
  #toldOfGap = false;

  constructor(place: Place, { name, rows, copy = '' }: WriterOptions<K, V>) {
    this.name = name;
    this.#place = place;
    this.#rows = rows;
    this.#copy = copy;
    this.#script = applyScript(rows);
  }

  async positions(): Promise<readonly Position[]> {
    const { client, keys, view } = this.#place;
    let reply: readonly unknown[];
    try {
      reply = (await stateScript.run(client, keys, [this.#copy])) as readonly unknown[];
    } catch (error) {
      throw this.#unavailable(error);
    }
    const [format, generation, state] = reply as [string, string, readonly string[]];
    if (format !== '' && format !== `${formatVersion}`) {
      throw new SinkError('SINK_UNAVAILABLE', otherFormat(view, format));
    }
    // Whoever else asks must not make us forget that our reader stands in a generation that is gone.
    if (this.#seen === undefined || this.#toldOfGap) {
      this.#seen = generation === '' ? undefined : generation;
      this.#toldOfGap = false;
    }
    return positionsOf(this.name, state);
  }

  async apply(batches: readonly ChangeBatch<K, V>[]): Promise<void> {
    await this.#run(batches, false);
  }

  /** Readers may have the rows, if they are in up to these positions. */
  async caughtUp(positions: readonly Position[]): Promise<void> {
    const batches = positions.map(({ topic, partition, nextOffset }) => ({
      topic,
      partition,
      changes: [],
      fromOffset: nextOffset,
      nextOffset,
    }));
    await this.#run(batches, true);
  }

  async #run(batches: readonly ChangeBatch<K, V>[], isComplete: boolean): Promise<void> {
    const { client, keys, view, signal } = this.#place;
    const fresh = newGeneration();
    const args: ScriptArgument[] = [
      ...[formatVersion, this.name, this.#copy, this.#seen ?? '', fresh, isComplete ? 1 : 0],
      batches.length,
    ];
    this.#addBatches(args, batches);
    let reply: readonly unknown[];
    try {
      reply = (await this.#script.run(client, keys, args)) as readonly unknown[];
    } catch (error) {
      throw this.#unavailable(error, batches);
    }
    if (reply[0] === 'gap') throw this.#gap(batches, reply);
    if (reply[0] === 'copy-gone') throw new SinkError('SINK_UNAVAILABLE', copyGone(view));
    if (reply[0] === 'format') {
      throw new SinkError('SINK_UNAVAILABLE', otherFormat(view, reply[1]));
    }
    this.#seen ??= reply[1] as string;
    if (Number(reply[2]) > 0) signal.notify();
  }

  #addBatches(args: ScriptArgument[], batches: readonly ChangeBatch<K, V>[]): void {
    const tombstone = Array.from({ length: this.#rows.width }, () => '');
    try {
      for (const { topic, partition, changes, fromOffset, nextOffset } of batches) {
        args.push(topic, partition, `${fromOffset}`, `${nextOffset}`, changes.length);
        for (const change of changes) {
          const { key, value, offset } = change;
          args.push(`${offset}`, key as string);
          args.push(...(value === null ? tombstone : this.#rows.argumentsOf(value, change)));
        }
      }
      if (this.#rows.trailer !== undefined) args.push(...this.#rows.trailer());
    } catch (error) {
      this.#rows.trailer?.();
      const reason = error instanceof Error ? error.message : String(error);
      const where = batches.map(rangeOf).join(', ');
      const message = `view '${this.name}' cannot take ${where}: ${reason}`;
      throw new SinkError('SINK_REJECTED', message, error);
    }
  }

  #gap(batches: readonly ChangeBatch<K, V>[], [, index, position]: readonly unknown[]): SinkError {
    this.#toldOfGap = true;
    const batch = batches[Number(index) - 1] as ChangeBatch<K, V>;
    if (position !== '') return gap(this.name, batch, BigInt(position as string));
    return new SinkError(
      'SINK_GAP',
      `view '${this.name}' has not what is before ${rangeOf(batch)}: Redis was emptied or the view ` +
        'was built anew, and it is read from the beginning',
    );
  }

  /** Redis takes every text: what it does not take now it may take later. */
  #unavailable(error: unknown, batches?: readonly ChangeBatch<K, V>[]): SinkError {
    const what = batches === undefined ? 'tell its positions' : `take ${batches.map(rangeOf)}`;
    const cause = bareError(error);
    const message = `view '${this.name}' cannot ${what}: ${cause.message}`;
    return new SinkError('SINK_UNAVAILABLE', message, cause);
  }
}

function positionsOf(writer: string, state: readonly string[]): Position[] {
  const prefix = `p|${writer}|`;
  const found: Position[] = [];
  for (let index = 0; index + 1 < state.length; index += 2) {
    const field = state[index] as string;
    if (!field.startsWith(prefix)) continue;
    const [topic = '', partition = ''] = field.slice(prefix.length).split('|');
    const nextOffset = BigInt(state[index + 1] as string);
    found.push({ topic, partition: Number(partition), nextOffset });
  }
  return found.sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  );
}
