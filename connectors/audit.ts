/**
 * Compares a view with the log it was made from: the fold of a compacted topic up to the view's
 * positions must be its content, key by key. The view may be written meanwhile: a key that changed
 * while it was read is right with any of the values it had.
 */
import { createHash } from 'node:crypto';
import type { Log, SchemaRegistry } from '#streams';
import { type ChangeDecoder, changeDecoder, type SinkFeed } from './sink-feed.ts';
import type { Change, Position, ViewWriter } from './views/view.ts';

/** A view whose whole content can be read. */
export interface AuditedView<K, V> {
  readonly writer: ViewWriter<K, V>;
  /** Every entry once; what changes meanwhile may be seen or not. */
  readonly entries: () => AsyncIterable<readonly [K, V]>;
}

export interface AuditOptions<K, V> {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly topic: SinkFeed['topic'];
  readonly view: AuditedView<K, V>;
  /** What the view keeps of a value, when that is not all of it. */
  readonly keeps?: (value: V) => unknown;
  /** Told of the number of records and entries read so far. */
  readonly onProgress?: (count: number) => void;
}

export interface AuditReport {
  readonly view: string;
  readonly topic: string;
  /** Entries of the view. */
  readonly entries: number;
  /** Keys that the log has and the view has not; the first hundred of each kind. */
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  readonly different: readonly string[];
  /** How many differ in all. */
  readonly differences: number;
  /** What the view was compared up to. */
  readonly positions: readonly Position[];
}

const shownKeys = 100;
const progressEvery = 1_000;
const pollRecords = 2_000;
const pollWaitMs = 1_000;

/** A digest for each state that a key may be in; `absent` when it may be missing. */
type Allowed = Set<string>;
const absent = '';

export async function auditView<K, V>(options: AuditOptions<K, V>): Promise<AuditReport> {
  const { log, registry, topic, view, keeps = (value: V) => value } = options;
  const decoder = await changeDecoder({ topic, writer: view.writer }, registry);
  const count = counter(options.onProgress);

  const before = await positionsIn(view.writer, topic.name);
  const found = new Map<K, string>();
  for await (const [key, value] of view.entries()) {
    found.set(key, digest(keeps(value)));
    count();
  }
  const after = await positionsIn(view.writer, topic.name);

  const allowed = new Map<K, Allowed>();
  for await (const { change, isSettled } of changesUpTo(log, decoder, topic.name, before, after)) {
    const { key, value } = change as Change<K, V>;
    const state = value === null ? absent : digest(keeps(value));
    // What came while the view was read is a state it may be in as well as the one before.
    if (isSettled) allowed.set(key, new Set([state]));
    else allowed.set(key, (allowed.get(key) ?? new Set([absent])).add(state));
    count();
  }
  return reportOf(view.writer.name, topic.name, found, allowed, after);
}

function reportOf<K>(
  view: string,
  topic: string,
  found: ReadonlyMap<K, string>,
  allowed: ReadonlyMap<K, Allowed>,
  positions: readonly Position[],
): AuditReport {
  const missing: string[] = [];
  const different: string[] = [];
  const extra: string[] = [];
  for (const [key, states] of allowed) {
    const state = found.get(key);
    if (state === undefined) {
      if (!states.has(absent)) missing.push(String(key));
    } else if (!states.has(state)) {
      const isDeleted = states.size === 1 && states.has(absent);
      (isDeleted ? extra : different).push(String(key));
    }
  }
  for (const key of found.keys()) if (!allowed.has(key)) extra.push(String(key));
  return {
    view,
    topic,
    entries: found.size,
    missing: missing.slice(0, shownKeys),
    extra: extra.slice(0, shownKeys),
    different: different.slice(0, shownKeys),
    differences: missing.length + extra.length + different.length,
    positions,
  };
}

/** Every readable change below `after`; settled is what was applied before the view was read. */
async function* changesUpTo(
  log: Log,
  decoder: ChangeDecoder,
  topic: string,
  before: readonly Position[],
  after: readonly Position[],
): AsyncGenerator<{ change: Change<unknown, unknown>; isSettled: boolean }> {
  const { offsets } = await log.describeTopic(topic);
  const open = after.filter(
    ({ partition, nextOffset }) => (offsets[partition]?.beginning ?? 0n) < nextOffset,
  );
  const reader = log.openReader();
  try {
    reader.assign(
      open.map(({ partition }) => ({
        topic,
        partition,
        offset: offsets[partition]?.beginning ?? 0n,
      })),
    );
    const unread = new Map(open.map(({ partition, nextOffset }) => [partition, nextOffset]));
    while (unread.size > 0) {
      const batches = await reader.poll({ maxRecords: pollRecords, maxWaitMs: pollWaitMs });
      if (batches.length === 0) return; // The last offsets hold nothing.
      for (const { partition, records, nextOffset } of batches) {
        const end = unread.get(partition) ?? 0n;
        const settledBelow = before.find((at) => at.partition === partition)?.nextOffset ?? 0n;
        for (const record of records) {
          if (record.offset >= end) break;
          const change = await readable(decoder, record);
          if (change !== undefined) yield { change, isSettled: change.offset < settledBelow };
        }
        if (nextOffset >= end) unread.delete(partition);
      }
    }
  } finally {
    await reader.close();
  }
}

/** `undefined` for what no view can have: it is among the dead letters of its sink. */
async function readable(decoder: ChangeDecoder, record: Parameters<ChangeDecoder['decode']>[0]) {
  try {
    return await decoder.decode(record);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'STREAMS_RECORD_UNDECODABLE') return undefined;
    throw error;
  }
}

async function positionsIn<K, V>(
  writer: ViewWriter<K, V>,
  topic: string,
): Promise<readonly Position[]> {
  return (await writer.positions()).filter((position) => position.topic === topic);
}

/** The same for equal values, whatever the order of their properties. */
function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sorted)).digest('base64url');
}

function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

function counter(onProgress: ((count: number) => void) | undefined): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count % progressEvery === 0) onProgress?.(count);
  };
}
