/** The items that the shop lists, by id. Fed by `items.state`. */
import type { Item, ItemId } from '#schemas/items';
import type { ViewReader, ViewWriter } from './view.ts';

export interface ItemsView extends ViewReader {
  get(id: ItemId): Promise<Item | undefined>;
  /** In the order asked; what does not exist is left out. At most 200 ids. */
  getMany(ids: readonly ItemId[]): Promise<readonly Item[]>;
  count(): Promise<number>;
}

export interface ItemsWriter extends ViewWriter<ItemId, Item> {}
