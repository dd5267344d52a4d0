/** Inbound: feeds of suppliers, and the report of what became of each line. Keyed by feed id. */
import { avro, type Decoded, topic } from '#streams';
import { FeedId, SupplierId } from './items.ts';

const { array, enumeration, int, literal, long, nullable, record, string, timestampMillis, union } =
  avro;

export const FeedStarted = record('FeedStarted', {
  type: literal('FeedStarted'),
  supplierId: SupplierId,
  format: enumeration('FeedFormat', ['ndjson', 'csv']),
  at: timestampMillis,
});

/** The whole feed has been read and every line is in the log. */
export const FeedEnded = record('FeedEnded', {
  type: literal('FeedEnded'),
  /** Lines that hold a record; blank lines and a CSV header do not count. */
  records: int,
  bytes: long,
  /** Why reading stopped early, for instance a broken connection; else `null`. */
  error: nullable(string),
  at: timestampMillis,
});

export const FeedFact = union(FeedStarted, FeedEnded);
export type FeedFact = Decoded<typeof FeedFact>;

export const LineRejection = record('LineRejection', {
  line: int,
  key: string,
  reasons: array(string),
});
export interface LineRejection extends Decoded<typeof LineRejection> {}

export const FeedReport = record('FeedReport', {
  feedId: FeedId,
  supplierId: nullable(SupplierId),
  status: enumeration('FeedStatus', ['receiving', 'processing', 'done', 'broken_off']),
  /** Known when the feed has been read; else `null`. */
  records: nullable(int),
  accepted: int,
  unchanged: int,
  rejected: int,
  /** Of the first 1,000 that were found, in the order of their lines; all of them are in the topic `items.dead-letters`. */
  rejections: array(LineRejection),
  error: nullable(string),
  startedAt: timestampMillis,
  updatedAt: timestampMillis,
  version: long,
});
export interface FeedReport extends Decoded<typeof FeedReport> {}

export const feedFacts = topic('inbound.feeds', { key: FeedId, value: FeedFact });
export const feedReports = topic('inbound.feed-reports', {
  key: FeedId,
  value: FeedReport,
  cleanupPolicy: 'compact',
});
