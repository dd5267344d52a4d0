/** The views that the cluster profile keeps on Cassandra. */
import type { Order, OrderId } from '#schemas/orders';
import { AppliedSignal } from '../applied-signal.ts';
import type { ShopViews } from '../views/shop-views.ts';
import { CassandraClient, type CassandraOptions } from './cassandra-client.ts';
import { readWithin } from './cassandra-errors.ts';
import { archivalConfirmationsName, requireMigrated } from './migrate-cassandra.ts';
import { type CassandraOrderHistory, orderHistory } from './order-history.ts';
import { type CassandraRecommendations, recommendations } from './recommendations.ts';
import { ViewRegister } from './view-register.ts';
import { viewWriter } from './view-writer.ts';

export interface CassandraViews extends Pick<ShopViews, 'archivalConfirmations'> {
  readonly orderHistory: CassandraOrderHistory;
  readonly recommendations: CassandraRecommendations;
  close(): Promise<void>;
}

/** A reader that hangs holds up whoever asked the shop. */
const readLimitMs = 1_800;
const openLimitMs = 20_000;

/**
 * Opens views that are migrated. Later the server may go and come back.
 *
 * @throws ViewError `VIEW_UNAVAILABLE` when no node can be reached; Error when it is to be migrated.
 */
export async function openCassandraViews(options: CassandraOptions): Promise<CassandraViews> {
  const client = await readWithin(openLimitMs, 'order-history', () =>
    CassandraClient.open(options),
  );
  try {
    await requireMigrated(client);
  } catch (error) {
    await client.close();
    throw error;
  }
  return {
    orderHistory: orderHistory(client, readLimitMs),
    recommendations: recommendations(client, readLimitMs),
    archivalConfirmations: viewWriter<OrderId, Order>({
      register: new ViewRegister(client, archivalConfirmationsName),
      signal: new AppliedSignal(),
      rows: {
        refusal: () => undefined,
        write: async (_generation, advances) => advances.map(() => 0),
      },
    }),
    close: () => client.close(),
  };
}
