import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { allTopics } from '#schemas/all-topics';
import { itemTrends, minuteCounts } from '#schemas/behaviour';
import { stockLevels } from '#schemas/inventory';
import { type ItemId, items, type Sku } from '#schemas/items';
import { notifications } from '#schemas/notifications';
import type { UserId } from '#schemas/users';
import { type MemoryLog, memoryLog, memoryRegistry } from '#streams';
import { type AuditReport, auditView } from '../../connectors/audit.ts';
import { type EmbeddedViews, openEmbeddedViews } from '../../connectors/embedded/embedded-views.ts';
import { type SinkFeed, sinkFeed } from '../../connectors/sink-feed.ts';
import { runSink } from '../../connectors/sink-runner.ts';
import {
  sampleItem,
  sampleLevel,
  sampleNotification,
} from '../../connectors/views/sample-values.ts';
import { topicWriter } from '../../serving/topic-writer.ts';
import { auditedViews } from './audited-views.ts';

const dayMs = 86_400_000;
const nowMs = 100 * dayMs;
const clock = { nowMs: () => nowMs };

let directory: string;
let log: MemoryLog;
let registry: ReturnType<typeof memoryRegistry>;
let views: EmbeddedViews;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-audit-'));
  log = memoryLog();
  registry = memoryRegistry();
  await log.createTopics(allTopics);
  views = openEmbeddedViews({ directory });
  await writeHistory();
  await sinkAll();
  await writeToday();
  await sinkAll();
});
afterEach(async () => {
  views.close();
  await log.close();
  rmSync(directory, { recursive: true });
});

const [tea, mug] = ['TEA', 'MUG'] as unknown as [ItemId & Sku, ItemId & Sku];
const [anna, ben] = ['anna', 'ben'] as unknown as [UserId, UserId];
const minute = (at: number, count: number) => ({ measure: 'views', minute: at, count, amount: 0 });
const trend = (hour: number) => ({ itemId: tea as ItemId, hour, views: 1, carts: 0, orders: 0 });

const old = nowMs - 9 * dayMs;
const lately = nowMs - dayMs;

async function writeHistory(): Promise<void> {
  const writer = topicWriter({ log, registry, clock });
  await writer.append(items, [
    { key: tea, value: sampleItem('TEA', { title: 'Green tea' }) },
    { key: mug, value: sampleItem('MUG', { title: 'Blue mug', attributes: {} }) },
    { key: tea, value: sampleItem('TEA', { title: 'Black tea', version: 2 }) },
  ]);
  await writer.append(stockLevels, [
    { key: tea, value: sampleLevel('TEA', { PUNE: [5, 1], DELHI: [2, 2], AGRA: [1, 0] }) },
  ]);
  await writer.append(notifications, [
    { key: anna, value: sampleNotification('n1', { userId: anna }) },
    { key: anna, value: sampleNotification('n2', { userId: anna }) },
    { key: ben, value: sampleNotification('n3', { userId: ben }) },
    { key: ben, value: null },
  ]);
  await writer.append(minuteCounts, [
    { key: 'views@old', value: minute(old, 3) },
    { key: 'views@now', value: minute(lately, 1) },
  ]);
  await writer.append(itemTrends, [{ key: 'TEA@old', value: trend(old) }]);
}

/** Makes the view forget what is past its retention; the log is cleaned at another time. */
async function writeToday(): Promise<void> {
  const writer = topicWriter({ log, registry, clock });
  await writer.append(minuteCounts, [{ key: 'views@now', value: minute(lately, 2) }]);
  await writer.append(itemTrends, [{ key: 'TEA@now', value: trend(lately) }]);
}

async function sinkAll(): Promise<void> {
  const feeds: SinkFeed[] = [
    sinkFeed(items, views.search.writers.items),
    sinkFeed(stockLevels, views.search.writers.stock),
    sinkFeed(notifications, views.notifications.writer),
    sinkFeed(minuteCounts, views.analytics.writers.minuteCounts),
    sinkFeed(itemTrends, views.analytics.writers.itemTrends),
  ];
  const sink = await runSink({ name: 'all', log, registry, feeds, onTrouble: () => {} });
  await sink.caughtUp();
  await sink.close();
}

async function audit(name: string): Promise<AuditReport> {
  const audited = auditedViews(views, clock.nowMs).get(name);
  if (audited === undefined) throw new Error(`no view '${name}'`);
  return auditView({ log, registry, ...audited });
}

const mugDocument = `(SELECT id FROM documents WHERE item_id = 'MUG')`;

/** As a damaged or wrong view would be: behind the back of its writer. */
function tamper(file: 'views.db' | 'search.db', sql: string): void {
  const database = new Libsql(join(directory, file));
  database.exec(sql);
  database.close();
}

test.each([
  ['search-items', 2],
  ['search-stock', 1],
  ['notifications', 2],
  // The view has forgotten the old one, and the log has not been cleaned yet.
  ['minute-counts', 1],
  ['item-trends', 1],
])('%s equals the log that it was made from', async (name, entries) => {
  expect(await audit(name)).toMatchObject({ differences: 0, entries });
});

test.each([
  ['search-items', 'different', `UPDATE documents SET price = 1 WHERE item_id = 'TEA'`, 'TEA'],
  ['search-items', 'missing', `DELETE FROM documents WHERE item_id = 'MUG'`, 'MUG'],
  // A document that is there, and that nobody finds by its words.
  ['search-items', 'different', `DELETE FROM search_index WHERE rowid = ${mugDocument}`, 'MUG'],
  [
    'search-items',
    'extra',
    `DELETE FROM documents WHERE item_id = 'MUG'`,
    expect.stringMatching(/^document \d$/),
  ],
  ['search-stock', 'different', `UPDATE stocked SET warehouse_ids = '["PUNE"]'`, 'TEA'],
  ['search-stock', 'missing', 'DELETE FROM stocked', 'TEA'],
])('%s that is wrong is found: %s', async (name, kind, sql, key) => {
  tamper('search.db', sql);
  expect((await audit(name))[kind as 'missing' | 'extra' | 'different']).toEqual([key]);
});

test.each([
  ['notifications', 'missing', `DELETE FROM notifications WHERE key = 'n2'`, 'n2'],
  ['notifications', 'different', `UPDATE notifications SET value = '{}' WHERE key = 'n2'`, 'n2'],
  ['notifications', 'extra', `UPDATE notifications SET key = 'n9' WHERE key = 'n2'`, 'n9'],
  ['minute-counts', 'different', 'UPDATE minute_counts SET count = 9', 'views@now'],
  ['minute-counts', 'missing', 'DELETE FROM minute_counts', 'views@now'],
  ['item-trends', 'missing', 'DELETE FROM item_trends', 'TEA@now'],
])('%s that is wrong is found: %s', async (name, kind, sql, key) => {
  tamper('views.db', sql);
  expect((await audit(name))[kind as 'missing' | 'extra' | 'different']).toEqual([key]);
});

test('every view that a sink writes is audited, but what keeps no rows', () => {
  const audited = [...auditedViews(views, clock.nowMs).values()];
  const names = new Set(audited.map(({ view }) => view.writer.name));
  expect([...writersIn(views)].filter((name) => !names.has(name))).toEqual([
    'archival-confirmations',
  ]);
});

function* writersIn(part: object): Generator<string> {
  if ('apply' in part && 'name' in part) yield String(part.name);
  else
    for (const inner of Object.values(part))
      if (typeof inner === 'object' && inner !== null) yield* writersIn(inner);
}
