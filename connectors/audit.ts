/**
 * Compares a view with the log it was made from: the fold of a compacted topic up to the view's
 * positions must be its content, key by key. The view may be written meanwhile: a key that changed
 * while it was read is right with any of the values it had.
 */
import { createHash } from 'node:crypto';
import type { Log, SchemaRegistry } from '#streams';
import { type ChangeDecoder, changeDecoder, type SinkFeed } from './sink-feed.ts';
import type { Change, Position, ViewWriter } from './views/view.ts';

/** A view whose whole content can be read. Its entries may be of another shape than its topic's. */
export interface AuditedView<K, V, EntryKey = K, Entry = V> {
  readonly writer: ViewWriter<K, V>;
  /** Every entry once; what changes meanwhile may be seen or not. */
  readonly entries: () => AsyncIterable<readonly [EntryKey, Entry]>;
}

/** What a record makes of the view: the entries it sets, and those it takes away (`null`). */
export type EntriesOf<K, V, EntryKey, Entry> = (
  key: K,
  value: V | null,
) => readonly (readonly [EntryKey, Entry | null])[];

/** A view and a topic that both forget, each at its own time. */
export interface AuditRetention<Entry> {
  /** When the entry was true: never after the timestamp of its record. */
  readonly timeOf: (entry: Entry) => number;
  readonly retentionMs: number;
  readonly nowMs: () => number;
}

export interface AuditOptions<K, V, EntryKey = K, Entry = V> {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly topic: SinkFeed['topic'];
  readonly view: AuditedView<K, V, EntryKey, Entry>;
  /** Called for each record in the order of its key. Absent: a record is the entry of its key. */
  readonly entriesOf?: EntriesOf<K, V, EntryKey, Entry> | undefined;
  /** An entry past its retention may be in one and not in the other; in both it must be equal. */
  readonly retention?: AuditRetention<Entry> | undefined;
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

export async function auditView<K, V, EntryKey = K, Entry = V>(
  options: AuditOptions<K, V, EntryKey, Entry>,
): Promise<AuditReport> {
  const { log, registry, topic, view, retention } = options;
  const entriesOf = options.entriesOf ?? (recordIsEntry as EntriesOf<K, V, EntryKey, Entry>);
  const decoder = await changeDecoder({ topic, writer: view.writer }, registry);
  const count = counter(options.onProgress);
  const times = new Map<EntryKey, number>();
  const noteTime = (key: EntryKey, entry: Entry) => {
    if (retention !== undefined) times.set(key, retention.timeOf(entry));
  };

  const before = await positionsIn(view.writer, topic.name);
  const found = new Map<EntryKey, string>();
  for await (const [key, entry] of view.entries()) {
    found.set(key, digest(entry));
    noteTime(key, entry);
    count();
  }
  const after = await positionsIn(view.writer, topic.name);

  const allowed = new Map<EntryKey, Allowed>();
  for await (const { change, isSettled } of changesUpTo(log, decoder, topic.name, before, after)) {
    for (const [key, entry] of entriesOf(change.key as K, change.value as V | null)) {
      const state = entry === null ? absent : digest(entry);
      if (entry !== null) noteTime(key, entry);
      // What came while the view was read is a state it may be in as well as the one before.
      if (isSettled) allowed.set(key, new Set([state]));
      else allowed.set(key, (allowed.get(key) ?? new Set([absent])).add(state));
    }
    count();
  }
  const forgottenBefore = retention ? retention.nowMs() - retention.retentionMs : -Infinity;
  const isForgotten = (key: EntryKey) => (times.get(key) ?? Infinity) < forgottenBefore;
  const names = { view: view.writer.name, topic: topic.name };
  return { ...names, ...differencesOf(found, allowed, isForgotten), positions: after };
}

function recordIsEntry<K, V>(key: K, value: V | null): readonly (readonly [K, V | null])[] {
  return [[key, value]];
}

function differencesOf<K>(
  found: ReadonlyMap<K, string>,
  allowed: ReadonlyMap<K, Allowed>,
  isForgotten: (key: K) => boolean,
): Omit<AuditReport, 'view' | 'topic' | 'positions'> {
  const missing: string[] = [];
  const different: string[] = [];
  const extra: string[] = [];
  for (const [key, states] of allowed) {
    const state = found.get(key);
    if (state === undefined) {
      if (!states.has(absent) && !isForgotten(key)) missing.push(String(key));
    } else if (!states.has(state)) {
      const isDeleted = states.size === 1 && states.has(absent);
      (isDeleted ? extra : different).push(String(key));
    }
  }
  for (const key of found.keys()) {
    if (!allowed.has(key) && !isForgotten(key)) extra.push(String(key));
  }
  return {
    entries: found.size,
    missing: missing.slice(0, shownKeys),
    extra: extra.slice(0, shownKeys),
    different: different.slice(0, shownKeys),
    differences: missing.length + extra.length + different.length,
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
    const unread = new Map(
      open.map(({ partition, nextOffset: end }) => [
        partition,
        { next: offsets[partition]?.beginning ?? 0n, end },
      ]),
    );
    while (unread.size > 0) {
      const batches = await reader.poll({ maxRecords: pollRecords, maxWaitMs: pollWaitMs });
      if (batches.length === 0 && !(await holdsMore(log, topic, unread))) return;
      for (const { partition, records, nextOffset } of batches) {
        const { end } = unread.get(partition) ?? { end: 0n };
        const settledBelow = before.find((at) => at.partition === partition)?.nextOffset ?? 0n;
        for (const record of records) {
          if (record.offset >= end) break;
          const change = await readable(decoder, record);
          if (change !== undefined) yield { change, isSettled: change.offset < settledBelow };
        }
        if (nextOffset >= end) unread.delete(partition);
        else unread.set(partition, { next: nextOffset, end });
      }
    }
  } finally {
    await reader.close();
  }
}

/** Whether a log that gave nothing is slow, or holds nothing more: the last offsets can be empty. */
async function holdsMore(
  log: Log,
  topic: string,
  unread: ReadonlyMap<number, { readonly next: bigint }>,
): Promise<boolean> {
  const { offsets } = await log.describeTopic(topic);
  return [...unread].some(([partition, { next }]) => next < (offsets[partition]?.end ?? 0n));
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
