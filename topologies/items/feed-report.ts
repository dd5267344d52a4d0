/**
 * The rules of a feed's report: how far it is, and what became of its lines. Pure.
 *
 * Facts on the feed and outcomes of its lines come in any order; `feed-lines.ts` sees to it that
 * each line is counted once.
 */
import type { FeedFact, FeedReport, LineRejection } from '#schemas/inbound';
import { type FeedId, type ItemEvent, SupplierId } from '#schemas/items';
import { avro, type Decoded } from '#streams';

const { array, boolean, enumeration, int, literal, long, nullable, record, string } = avro;

/** What became of one line. */
export const LineOutcome = record('LineOutcome', {
  type: literal('LineOutcome'),
  line: int,
  key: string,
  result: enumeration('LineResult', ['accepted', 'unchanged', 'rejected']),
  reasons: array(string),
});
export interface LineOutcome extends Decoded<typeof LineOutcome> {}

/** What is known of a feed, without its rejections. */
export const FeedProgress = record('FeedProgress', {
  supplierId: nullable(SupplierId),
  hasEnded: boolean,
  /** Known when the feed has ended; else `null`. */
  records: nullable(int),
  error: nullable(string),
  accepted: int,
  unchanged: int,
  rejected: int,
  startedAt: avro.timestampMillis,
  updatedAt: avro.timestampMillis,
  /** Of the last report. */
  version: long,
});
export interface FeedProgress extends Decoded<typeof FeedProgress> {}

/** Rejections that a report shows. */
export const maxReportedRejections = 1_000;

export function feedFirstSeen(atMs: number): FeedProgress {
  return {
    supplierId: null,
    hasEnded: false,
    records: null,
    error: null,
    accepted: 0,
    unchanged: 0,
    rejected: 0,
    startedAt: atMs,
    updatedAt: atMs,
    version: 0,
  };
}

export function withFact(progress: FeedProgress, fact: FeedFact): FeedProgress {
  const updatedAt = Math.max(progress.updatedAt, fact.at);
  switch (fact.type) {
    case 'FeedStarted':
      return { ...progress, supplierId: fact.supplierId, startedAt: fact.at, updatedAt };
    case 'FeedEnded':
      return { ...progress, hasEnded: true, records: fact.records, error: fact.error, updatedAt };
  }
}

export function withOutcome(
  progress: FeedProgress,
  { result }: LineOutcome,
  atMs: number,
): FeedProgress {
  const updatedAt = Math.max(progress.updatedAt, atMs);
  return { ...progress, [result]: progress[result] + 1, updatedAt };
}

/** Whether the fate of every line is known. */
export function isComplete(progress: FeedProgress): boolean {
  return progress.hasEnded && countedLines(progress) >= (progress.records ?? 0);
}

function countedLines({ accepted, unchanged, rejected }: FeedProgress): number {
  return accepted + unchanged + rejected;
}

/** `rejections` in the order of their lines, at most `maxReportedRejections`. */
export function reportOf(
  feedId: FeedId,
  { hasEnded, ...progress }: FeedProgress,
  rejections: readonly LineRejection[],
): FeedReport {
  return { ...progress, feedId, rejections, status: statusOf({ hasEnded, ...progress }) };
}

function statusOf(progress: FeedProgress): FeedReport['status'] {
  if (progress.error !== null) return 'broken_off';
  if (!progress.hasEnded) return 'receiving';
  return isComplete(progress) ? 'done' : 'processing';
}

/** Empty when the event does not come from a line of a feed. */
export function lineOutcomesOf(
  event: ItemEvent,
): { readonly key: FeedId; readonly value: LineOutcome }[] {
  if (event.type === 'ItemDelisted' || event.source === null) return [];
  const { feedId, line } = event.source;
  const value: LineOutcome = {
    type: 'LineOutcome',
    line,
    key: event.itemId,
    result: resultOf(event),
    reasons: event.type === 'ItemRejected' ? event.reasons : [],
  };
  return [{ key: feedId, value }];
}

function resultOf(event: ItemEvent): LineOutcome['result'] {
  switch (event.type) {
    case 'ItemListed':
    case 'ItemChanged':
    case 'ItemDelisted':
      return 'accepted';
    case 'ItemUnchanged':
      return 'unchanged';
    case 'ItemRejected':
      return 'rejected';
  }
}
