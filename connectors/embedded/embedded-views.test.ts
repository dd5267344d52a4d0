import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import type { Item, ItemId } from '#schemas/items';
import { analyticsViewContract } from '../views/analytics-view-contract.ts';
import { inventoryViewContract } from '../views/inventory-view-contract.ts';
import { itemsViewContract } from '../views/items-view-contract.ts';
import { keyedViewContract } from '../views/keyed-view-contract.ts';
import { findingsViewContract, notificationsViewContract } from '../views/lists-contract.ts';
import { ordersViewContract } from '../views/orders-view-contract.ts';
import {
  sampleCart,
  sampleFeedReport,
  sampleItem,
  samplePayment,
  sampleRecommendation,
  sampleWishlist,
} from '../views/sample-values.ts';
import { searchViewContract } from '../views/search-view-contract.ts';
import { serviceabilityViewContract } from '../views/serviceability-view-contract.ts';
import type { ViewReader, ViewWriter } from '../views/view.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { type EmbeddedViews, openEmbeddedViews } from './embedded-views.ts';
import { temporaryDirectories } from './temporary-directory.ts';

const newDirectory = temporaryDirectories();
const opened: EmbeddedViews[] = [];
afterEach(() => {
  for (const views of opened.splice(0)) views.close();
});

interface Opened<R, W> {
  readonly reader: R;
  readonly writer: W;
  readonly reopen: () => Promise<Opened<R, W>>;
}

function opening<R extends ViewReader, W extends ViewWriter<never, never>>(
  pick: (views: EmbeddedViews) => { readonly reader: R; readonly writer: W },
  directory?: string,
): () => Promise<Opened<R, W>> {
  return async () => {
    const where = directory ?? newDirectory();
    const views = openEmbeddedViews({ directory: where });
    opened.push(views);
    const { reader, writer } = pick(views);
    const reopen = () => {
      views.close();
      return opening(pick, where)();
    };
    return { reader, writer, reopen };
  };
}

itemsViewContract(
  'the embedded items view',
  opening((views) => views.items),
);
inventoryViewContract(
  'the embedded inventory view',
  opening((views) => views.inventory),
);
ordersViewContract(
  'the embedded live orders view',
  opening((views) => views.liveOrders),
);
ordersViewContract(
  'the embedded order history view',
  opening((views) => views.orderHistory),
);
keyedViewContract(
  'the embedded carts view',
  opening((views) => views.carts),
  sampleCart,
);
keyedViewContract(
  'the embedded wishlists view',
  opening((views) => views.wishlists),
  sampleWishlist,
);
keyedViewContract(
  'the embedded payments view',
  opening((views) => views.payments),
  samplePayment,
);
keyedViewContract(
  'the embedded feeds view',
  opening((views) => views.feeds),
  sampleFeedReport,
);
keyedViewContract(
  'the embedded recommendations view',
  opening((views) => views.recommendations),
  sampleRecommendation,
);

findingsViewContract(
  'the embedded findings view',
  opening((views) => views.findings),
);
notificationsViewContract(
  'the embedded notifications view',
  opening((views) => views.notifications),
);
analyticsViewContract(
  'the embedded analytics view',
  openingAll((views) => views.analytics),
);
serviceabilityViewContract(
  'the embedded serviceability view',
  openingAll((views) => views.serviceability),
);
searchViewContract(
  'the embedded search view',
  openingAll((views) => views.search),
);

interface OpenedWithWriters<R, W> {
  readonly reader: R;
  readonly writers: W;
  readonly reopen: () => Promise<OpenedWithWriters<R, W>>;
}

/** A view that several sinks write. */
function openingAll<R, W>(
  pick: (views: EmbeddedViews) => { readonly reader: R; readonly writers: W },
  directory?: string,
): () => Promise<OpenedWithWriters<R, W>> {
  return async () => {
    const where = directory ?? newDirectory();
    const views = openEmbeddedViews({ directory: where });
    opened.push(views);
    const { reader, writers } = pick(views);
    const reopen = () => {
      views.close();
      return openingAll(pick, where)();
    };
    return { reader, writers, reopen };
  };
}

describe('the file of the embedded views', () => {
  const id = 'a' as ItemId;

  test.each([
    ['of another version', 'SQLite format 3\0'.padEnd(100, '\0')],
    ['that is no database', 'x'.repeat(10_000)],
  ])('starts empty in place of a file %s', async (_what, content) => {
    const directory = newDirectory();
    const before = openEmbeddedViews({ directory });
    await before.items.writer.apply([batchOf(0, [[id, sampleItem('a')]])]);
    before.close();
    writeFileSync(join(directory, 'views.db'), content);

    const views = openEmbeddedViews({ directory });
    opened.push(views);
    expect(await views.items.reader.get(id)).toBeUndefined();
    expect(await views.items.writer.positions()).toEqual([]);
  });

  test('is read beside the process that writes it, as it is at the moment', async () => {
    const directory = newDirectory();
    const writing = openEmbeddedViews({ directory });
    await writing.items.writer.apply([batchOf(0, [[id, sampleItem('a')]])]);
    const reading = openEmbeddedViews({ directory, readOnly: true });
    opened.push(reading);
    expect(await reading.items.reader.get(id)).toEqual(sampleItem('a'));

    await writing.items.writer.apply([batchOf(1, [[id, sampleItem('a', { version: 2 })]])]);
    writing.close();
    expect(await reading.items.reader.get(id)).toEqual(sampleItem('a', { version: 2 }));
    const change = batchOf<ItemId, Item>(2, [[id, null]]);
    await expect(reading.items.writer.apply([change])).rejects.toThrow('readonly');
  });

  test.each(['views.db', 'search.db'])('of another version is no %s to read', async (name) => {
    const directory = newDirectory();
    openEmbeddedViews({ directory }).close();
    const file = join(directory, name);
    const database = new Libsql(file);
    database.exec('PRAGMA user_version = 7');
    database.close();
    const before = readFileSync(file);

    expect(() => openEmbeddedViews({ directory, readOnly: true })).toThrow(
      `'${file}' is damaged or was written by another version of Millrace`,
    );
    expect(readFileSync(file)).toEqual(before);
  });

  test('is not made by who only reads it', () => {
    const directory = newDirectory();
    expect(() => openEmbeddedViews({ directory, readOnly: true })).toThrow('run the shop first');
    expect(existsSync(directory)).toBe(false);
  });
});
