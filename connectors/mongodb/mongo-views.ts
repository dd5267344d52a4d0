/** The views that are kept in MongoDB: items and feeds. */
import type { FeedReport } from '#schemas/inbound';
import type { FeedId, Item, ItemId } from '#schemas/items';
import type { ShopViews } from '../views/shop-views.ts';
import { requireMigrated } from './migrate-mongo.ts';
import { connectToMongo, type MongoOptions, within } from './mongo-connection.ts';
import { viewErrorOf } from './mongo-errors.ts';
import { type MongoView, mongoView } from './mongo-view.ts';

export interface MongoViews extends Pick<ShopViews, 'items' | 'feeds'> {
  readonly items: MongoView<ItemId, Item>;
  readonly feeds: MongoView<FeedId, FeedReport>;
  close(): Promise<void>;
}

export interface MongoViewsOptions extends MongoOptions {
  /**
   * How long the marker of a deleted key stays, in milliseconds. A writer that hung for longer
   * between its look at the position and its write could bring the key back.
   *
   * @defaultValue 7 days
   */
  readonly markerRetentionMs?: number;
  /** @defaultValue the system's clock */
  readonly nowMs?: () => number;
}

const weekMs = 7 * 24 * 3_600_000;

/**
 * Connects, and connects again by itself whenever the server was away.
 *
 * @throws ViewError `VIEW_UNAVAILABLE` when the server does not answer; Error when the database is
 * not of this program's version, or the address is none.
 */
export async function openMongoViews(options: MongoViewsOptions): Promise<MongoViews> {
  const connection = connectToMongo(options);
  const { markerRetentionMs = weekMs, nowMs = Date.now } = options;
  try {
    const checked = requireMigrated(connection.reads);
    await within(connection.readTimeoutMs, 'the version of the views', checked);
  } catch (error) {
    await connection.close();
    throw viewErrorOf(error, 'MongoDB');
  }
  const markers = { retentionMs: markerRetentionMs, nowMs };
  return {
    items: mongoView<ItemId, Item>('items', connection, markers),
    feeds: mongoView<FeedId, FeedReport>('feeds', connection, markers),
    close: () => connection.close(),
  };
}
