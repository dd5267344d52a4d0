/**
 * Builds anew the views whose store has lost what they were kept in: a database that was dropped, an
 * index that was deleted, a table that was emptied. Their readers hear that they are away until they
 * are whole again. Of the processes that feed a view one does it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log, SchemaRegistry } from '#streams';
import type { RebuildableViews } from '#views/shop-views';
import { rebuildView } from './rebuild.ts';
import { type BeginFedCopy, rebuildsOf } from './rebuilds.ts';
import { said } from './said.ts';
import type { SinkName } from './sinks.ts';

export interface LostViewsOptions {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly views: readonly WatchedView[];
  /** Whether this process is the one that mends what this sink feeds. */
  readonly leads: (sink: SinkName) => boolean;
  readonly warn: (line: string) => void;
  /** @defaultValue 1_000 */
  readonly lookEveryMs?: number;
}

export interface WatchedView {
  readonly name: string;
  readonly sink: SinkName;
  readonly isLost: () => Promise<boolean>;
  readonly begin: BeginFedCopy;
}

/** Those that can lose rows and keep positions, or cannot be written any more. */
export function watchedViews(views: RebuildableViews): readonly WatchedView[] {
  const rebuilds = rebuildsOf(views);
  const { items, feeds, search, orderHistory, recommendations } = views;
  const watched = [
    ['items', 'items', items],
    ['feeds', 'items', feeds],
    ['search', 'search', search],
    ['order-history', 'history', orderHistory],
    ['recommendations', 'insight', recommendations],
  ] as const;
  return watched.flatMap(([name, sink, view]) => {
    const begin = rebuilds.get(name);
    if (begin === undefined || view.isLost === undefined) return [];
    return [{ name, sink, isLost: () => view.isLost?.() ?? Promise.resolve(false), begin }];
  });
}

/** Looks again and again until it is closed. */
export function mendLostViews(options: LostViewsOptions): { close(): Promise<void> } {
  const closing = new AbortController();
  const running = options.views.map((view) => watch(options, view, closing.signal));
  return {
    async close() {
      closing.abort();
      await Promise.all(running);
    },
  };
}

async function watch(
  options: LostViewsOptions,
  view: WatchedView,
  signal: AbortSignal,
): Promise<void> {
  const { leads, lookEveryMs = 1_000 } = options;
  let wasLost = false;
  while (!signal.aborted) {
    await delay(lookEveryMs, undefined, { signal }).catch(() => undefined);
    // A server that is away has not lost anything yet; one that has just come back may look like it.
    const isLost = leads(view.sink) && (await view.isLost().catch(() => false));
    if (isLost && wasLost && !signal.aborted) await mend(options, view, signal);
    wasLost = isLost;
  }
}

async function mend(
  { log, registry, warn }: LostViewsOptions,
  { name, begin }: WatchedView,
  signal: AbortSignal,
): Promise<void> {
  warn(`${name}: what it was kept in is gone; it is built anew from the log`);
  try {
    const progress = () => {};
    const records = await rebuildView({ name, log, registry, begin, progress, signal });
    warn(`${name}: built anew from ${records} records`);
  } catch (error) {
    if (!signal.aborted) warn(`${name}: ${said(error)}`);
  }
}
