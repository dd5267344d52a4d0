/**
 * Demo data on the first start, all of it by the front door: reference data as facts, items as a
 * supplier's feed over HTTP, stock as commands. Every id follows from the seed, so a start that
 * was killed half way is simply done again.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { inventoryCommands } from '#schemas/inventory';
import type { FeedId, Sku } from '#schemas/items';
import { calendars, couriers, lanes, pincodes, warehouses } from '#schemas/serviceability';
import type { Topic } from '#streams';
import type { FeedsView } from '#views/feeds-view';
import type { InventoryView } from '#views/inventory-view';
import type { SearchView } from '#views/search-view';
import type { ServiceabilityView } from '#views/serviceability-view';
import { ViewError } from '#views/view';
import type { TopicEntry, TopicWriter } from '../../serving/topic-writer.ts';
import { demoFeed, demoOffers } from '../demo/catalogue.ts';
import { demoNetwork } from '../demo/network.ts';
import { readPincodes } from '../demo/pincodes.ts';
import { demoStock } from '../demo/stock.ts';

export interface SeedOptions {
  readonly items: number;
  readonly seed: number;
  readonly writer: TopicWriter;
  readonly views: {
    readonly feeds: FeedsView;
    readonly search: SearchView;
    readonly inventory: InventoryView;
    readonly serviceability: ServiceabilityView;
  };
  /** Where this shop listens. */
  readonly url: string;
  /** May send feeds. */
  readonly accessToken: string;
  /** Resolves when every view shows what the log holds at the call. */
  readonly caughtUp: () => Promise<void>;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

const appendSize = 1_000;
const lookEveryMs = 200;

/** True when the data directory was seeded before. */
export function isSeeded(dataDirectory: string): boolean {
  return existsSync(markOf(dataDirectory));
}

export function markSeeded(dataDirectory: string, demo: { items: number; seed: number }): void {
  writeFileSync(markOf(dataDirectory), `${JSON.stringify(demo)}\n`);
}

/** Resolves when every item can be found, with its stock and its promise. */
export async function seedDemo(options: SeedOptions): Promise<void> {
  const { progress, writer, views } = options;
  const areas = readPincodes();
  const network = demoNetwork(areas);
  progress(`demo: ${areas.length} pincodes, ${network.lanes.length} lanes`);
  await publish(writer, calendars, network.calendars, (it) => it.id);
  await publish(writer, warehouses, network.warehouses, (it) => it.id);
  await publish(writer, couriers, network.couriers, (it) => it.id);
  await publish(writer, lanes, network.lanes, (it) => it.id);
  await publish(writer, pincodes, areas, (it) => it.pincode);

  progress(`demo: a feed of ${options.items} items`);
  const feedId = await sendFeed(options);
  const skus = [...demoOffers({ count: options.items, seed: options.seed })].map((it) => it.sku);
  const stocked = await receiveStock(
    options,
    skus,
    network.warehouses.map((it) => it.id),
  );

  await reached(options, 'items accepted', options.items, async () => {
    const report = await views.feeds.get(feedId);
    return report ? report.accepted + report.unchanged + report.rejected : 0;
  });
  await reached(options, 'items searchable', options.items, () => views.search.count());
  await reached(options, 'samples of stock seen', stocked.length, async () => {
    return (await views.inventory.getMany(stocked)).length;
  });
  const leastReachable = Math.floor(areas.filter((it) => it.deliverable).length * 0.9);
  await reached(options, 'pincodes reachable', leastReachable, () =>
    views.serviceability.reachableCount(),
  );
  await options.caughtUp();
}

async function publish<K, V>(
  writer: TopicWriter,
  topic: Topic<K, V>,
  values: readonly V[],
  keyOf: (value: V) => K,
): Promise<void> {
  await appendAll(
    writer,
    topic,
    values.map((value) => ({ key: keyOf(value), value })),
  );
}

async function appendAll<K, V>(
  writer: TopicWriter,
  topic: Topic<K, V>,
  entries: readonly TopicEntry<K, V>[],
): Promise<void> {
  for (let at = 0; at < entries.length; at += appendSize)
    await writer.append(topic, entries.slice(at, at + appendSize));
}

async function sendFeed(options: SeedOptions): Promise<FeedId> {
  const { url, accessToken, items, seed } = options;
  const body = Readable.toWeb(Readable.from(lines(demoFeed({ count: items, seed }))));
  const answer = await fetch(`${url}/v1/inbound/feeds`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${accessToken}` },
    body: body as ReadableStream,
    duplex: 'half',
    signal: options.signal,
  } as RequestInit);
  if (!answer.ok) throw new Error(`the demo feed was refused: ${await answer.text()}`);
  return ((await answer.json()) as { id: FeedId }).id;
}

/** Chunks of many lines: one write a line would cost more than the feed itself. */
async function* lines(feed: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let chunk = '';
  for await (const line of feed) {
    chunk += line.endsWith('\n') ? line : `${line}\n`;
    if (chunk.length < 64 * 1024) continue;
    yield Buffer.from(chunk);
    chunk = '';
  }
  if (chunk) yield Buffer.from(chunk);
}

/** Answers the SKUs whose stock was received last: enough of them to be in every partition. */
async function receiveStock(
  { seed, writer }: SeedOptions,
  skus: readonly Sku[],
  warehouseIds: Parameters<typeof demoStock>[0]['warehouses'],
): Promise<readonly Sku[]> {
  const receipts = [...demoStock({ skus, warehouses: warehouseIds, seed })];
  await appendAll(
    writer,
    inventoryCommands,
    receipts.map(({ sku, command }) => ({ key: sku, value: command })),
  );
  return [...new Set(receipts.slice(-200).map(({ sku }) => sku))];
}

async function reached(
  { progress, signal }: SeedOptions,
  what: string,
  target: number,
  count: () => Promise<number>,
): Promise<void> {
  let told = -1;
  for (;;) {
    signal.throwIfAborted();
    const now = await counted(count);
    if (now >= target || Math.floor((now / target) * 10) > told) {
      told = Math.floor((now / target) * 10);
      progress(`demo: ${Math.min(now, target)} of ${target} ${what}`);
    }
    if (now >= target) return;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** A view that cannot be read at the moment shows nothing yet. */
async function counted(count: () => Promise<number>): Promise<number> {
  try {
    return await count();
  } catch (error) {
    if (error instanceof ViewError && error.code === 'VIEW_UNAVAILABLE') return 0;
    throw error;
  }
}

const markOf = (dataDirectory: string) => join(dataDirectory, 'demo.json');
