/** The counts of the current minute, asked for once a second however many watch. */
import { Readable } from 'node:stream';
import type { AnalyticsView } from '#views/analytics-view';
import type { Clock } from '../dependencies.ts';
import { heartbeat, serverSentEvent } from '../ndjson.ts';
import { rfc3339 } from '../wire.ts';

const minuteMs = 60_000;
const everyMs = 1_000;
/** So that what stands between does not take the connection for dead. */
const heartbeatMs = 15_000;
/** A watcher that reads slower than this misses counts: only the latest are of interest. */
const maxUnreadBytes = 64 * 1024;

/** Names in the stream to measures of the behaviour topology. */
const measures = {
  searches: 'searches',
  views: 'views',
  carts: 'cart-adds',
  orders: 'orders',
} as const;

export interface LiveCounts {
  /** Server-Sent Events: the latest counts at once, then one a second when they changed. */
  watch(): Readable;
  /** Ends every stream. */
  close(): void;
}

export function liveCounts(view: AnalyticsView, clock: Clock): LiveCounts {
  const watchers = new Set<Readable>();
  let latest = '';
  let quietMs = 0;
  let timer: NodeJS.Timeout | undefined;

  const tick = async (): Promise<void> => {
    const next = await countsNow(view, clock).catch(() => undefined);
    quietMs += everyMs;
    if (next !== undefined && next !== latest) {
      latest = next;
      quietMs = 0;
      broadcast(watchers, latest);
    } else if (quietMs >= heartbeatMs) {
      quietMs = 0;
      broadcast(watchers, heartbeat);
    }
    timer = watchers.size > 0 ? setTimeout(() => void tick(), everyMs) : undefined;
  };

  return {
    watch() {
      const stream = new Readable({ read() {} });
      watchers.add(stream);
      stream.once('close', () => watchers.delete(stream));
      stream.push(latest === '' ? ': welcome\n\n' : latest);
      timer ??= setTimeout(() => void tick(), 0);
      return stream;
    },
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.push(null);
      watchers.clear();
    },
  };
}

function broadcast(watchers: ReadonlySet<Readable>, event: string): void {
  for (const watcher of watchers) {
    if (watcher.readableLength < maxUnreadBytes) watcher.push(event);
  }
}

async function countsNow(view: AnalyticsView, clock: Clock): Promise<string> {
  const nowMs = clock.nowMs();
  const startMs = nowMs - (nowMs % minuteMs);
  const names = Object.keys(measures) as (keyof typeof measures)[];
  const [revenue, ...rest] = await Promise.all([
    view.minutes('revenue', startMs, startMs),
    ...names.map((name) => view.minutes(measures[name], startMs, startMs)),
  ]);
  const counts = names.map((name, index) => [name, rest[index]?.[0]?.count ?? 0]);
  return serverSentEvent('counts', {
    minute: rfc3339(startMs),
    ...Object.fromEntries(counts),
    revenue: revenue[0]?.amount ?? 0,
  });
}
