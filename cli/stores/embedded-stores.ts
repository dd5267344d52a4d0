/** The stores of the embedded profile: files in the data directory. */
import { join } from 'node:path';
import { openEmbeddedViews } from '../../connectors/embedded/embedded-views.ts';
import { openEmbeddedIdempotency } from '../../connectors/embedded/idempotency-store.ts';
import { openEmbeddedUsers } from '../../connectors/embedded/users-store.ts';
import type { ShopStores } from './shop-stores.ts';

export function openEmbeddedStores(dataDirectory: string): ShopStores {
  const views = openEmbeddedViews({ directory: join(dataDirectory, 'views') });
  const directory = join(dataDirectory, 'users');
  const users = openEmbeddedUsers({ directory });
  const idempotency = openEmbeddedIdempotency({ directory });
  return {
    ...{ views, users, profiles: users, idempotency, breakers: [] },
    async close() {
      await idempotency.close();
      users.close();
      views.close();
    },
  };
}
