/** Opens the stores that the profile says. */
import type { Configuration } from '../configuration.ts';
import { openEmbeddedStores } from './embedded-stores.ts';
import type { ShopStores } from './shop-stores.ts';

export interface OpenStoresOptions extends Pick<Configuration, 'dataDirectory' | 'cluster'> {
  /** Whether databases are brought to this version first; else those of another one are refused. */
  readonly migrates: boolean;
  /** Told of what fails and is tried again. */
  readonly onTrouble: (error: Error) => void;
}

export async function openStores({
  dataDirectory,
  cluster,
  migrates,
  onTrouble,
}: OpenStoresOptions): Promise<ShopStores> {
  if (cluster?.stores === undefined) return openEmbeddedStores(dataDirectory);
  const { migrateClusterStores, openClusterStores } = await import('./cluster-stores.ts');
  if (migrates) await migrateClusterStores(cluster.stores, () => {});
  return openClusterStores(cluster.stores, onTrouble);
}
