/**
 * Counts what became of the lines of each feed and reports it: at once when a feed starts, ends or
 * is complete, in between every half second, since a report of a long feed is long itself.
 *
 * A line is counted once, whatever is repeated: counted lines are kept until the feed is complete,
 * and a complete feed counts no more.
 */
import { type FeedFact, type FeedReport, LineRejection } from '#schemas/inbound';
import { FeedId } from '#schemas/items';
import { avro, keyValueStore, type ProcessContext, type StreamRecord, stringSerde } from '#streams';
import {
  FeedProgress,
  feedFirstSeen,
  isComplete,
  type LineOutcome,
  maxReportedRejections,
  reportOf,
  withFact,
  withOutcome,
} from './feed-report.ts';
import { hasLine, pageOf, withLine } from './line-set.ts';

const reportEveryMs = 500;

/** Feed ids hold no colon: it ends the id in the keys of a feed's lines. */
const stores = {
  feeds: keyValueStore('feeds', { key: FeedId, value: FeedProgress }),
  /** Feeds whose last report is out of date. */
  outdated: keyValueStore('outdated-feed-reports', { key: FeedId, value: avro.boolean }),
  /** By `<feed id>:<page>`. */
  countedLines: keyValueStore('counted-feed-lines', { key: stringSerde, value: avro.bytes }),
  /** By `<feed id>:<line>`. */
  rejections: keyValueStore('feed-rejections', { key: stringSerde, value: LineRejection }),
};

type Context = ProcessContext<FeedId, FeedReport, typeof stores, {}>;

export const reportFeeds = {
  stores,
  process: (record: StreamRecord<FeedId, FeedFact | LineOutcome>, context: Context) => {
    const { key: feedId, value, timestampMs } = record;
    const progress = context.stores.feeds.get(feedId) ?? feedFirstSeen(timestampMs);
    if (value.type !== 'LineOutcome') {
      report(feedId, withFact(progress, value), context);
      return;
    }
    if (isComplete(progress) || !countOnce(feedId, value, context)) {
      context.dropped('line-counted-before');
      return;
    }
    if (value.result === 'rejected' && progress.rejected < maxReportedRejections) {
      const { line, key, reasons } = value;
      context.stores.rejections.put(lineKey(feedId, line), { line, key, reasons });
    }
    const next = withOutcome(progress, value, timestampMs);
    if (isComplete(next)) {
      report(feedId, next, context);
    } else {
      context.stores.feeds.put(feedId, next);
      context.stores.outdated.put(feedId, true);
    }
  },
  punctuators: [
    {
      time: 'wall-clock',
      everyMs: reportEveryMs,
      punctuate: (_nowMs: number, context: Context) => {
        for (const { key: feedId } of [...context.stores.outdated.all()]) {
          const progress = context.stores.feeds.get(feedId);
          if (progress) report(feedId, progress, context);
        }
      },
    },
  ],
} as const;

/** False when the line was counted before. */
function countOnce(feedId: FeedId, { line }: LineOutcome, { stores }: Context): boolean {
  const pageKey = `${feedId}:${pageOf(line)}`;
  const page = stores.countedLines.get(pageKey);
  if (hasLine(page, line)) return false;
  stores.countedLines.put(pageKey, withLine(page, line));
  return true;
}

function report(feedId: FeedId, progress: FeedProgress, context: Context): void {
  const { feeds, outdated, countedLines, rejections } = context.stores;
  const next = { ...progress, version: progress.version + 1 };
  const shown = [...rejections.prefixScan(`${feedId}:`)].map(({ value }) => value);
  feeds.put(feedId, next);
  outdated.delete(feedId);
  context.forward({ key: feedId, value: reportOf(feedId, next, shown) });

  if (!isComplete(next)) return;
  for (const { key } of [...countedLines.prefixScan(`${feedId}:`)]) countedLines.delete(key);
}

/** Padded, so that keys have the order of lines. */
function lineKey(feedId: FeedId, line: number): string {
  return `${feedId}:${String(line).padStart(10, '0')}`;
}
