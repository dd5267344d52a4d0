/** Just enough of the shop's rules to test what services do with decisions. */
import type { Cart, CartCommand, CartLine } from '#schemas/carts';
import type { InventoryCommand, StockLevel } from '#schemas/inventory';
import { type Item, type ItemCommand, type ItemId, itemIdOf, type Sku } from '#schemas/items';
import type { CommandReply } from '#schemas/replies';
import type { UserId } from '#schemas/users';
import type { Wishlist, WishlistCommand } from '#schemas/wishlists';
import { unitsOf } from '../items/item-json.ts';
import type { FakeViews } from './fake-views.ts';

export type Decision = Omit<CommandReply, 'commandId'>;
export type Decider = (key: string, command: unknown) => Decision;
type Tables = FakeViews['tables'];

export const accepted = (version: number): Decision => {
  return { outcome: 'accepted', version, code: null, message: null, details: [] };
};

export const rejected = (code: string, details: Decision['details'] = []): Decision => {
  return { outcome: 'rejected', version: 0, code, message: `refused: ${code}`, details };
};

export function decideItem({ items }: Tables, nowMs: () => number): Decider {
  return (key, input) => {
    const command = input as ItemCommand;
    const id = key as ItemId;
    const before = items.rows.get(id);
    const version = (before?.version ?? 0) + 1;
    switch (command.type) {
      case 'OfferItem': {
        const { offer, supplierId } = command;
        if (before && before.supplierId !== supplierId) return rejected('not-your-item');
        const listedAt = before?.listedAt ?? nowMs();
        items.put(id, { ...offer, id, supplierId, version, listedAt, updatedAt: nowMs() });
        return accepted(version);
      }
      case 'PatchItem': {
        if (!before) return rejected('item-unknown');
        const { expectedVersion, title, price } = command;
        if (expectedVersion !== null && expectedVersion !== before.version) {
          return rejected('version-conflict');
        }
        const changes = { title: title ?? before.title, price: price ?? before.price };
        items.put(id, { ...before, ...changes, version });
        return accepted(version);
      }
      case 'DelistItem':
        items.put(id, undefined);
        return before ? accepted(version) : rejected('item-unknown');
      case 'RejectLine':
        return rejected('item-invalid');
    }
  };
}

export function decideCart({ carts }: Tables, nowMs: () => number): Decider {
  return (key, input) => {
    const command = input as CartCommand;
    const id = key as UserId;
    const before = carts.rows.get(id);
    const lines = cartLines(before?.lines ?? [], command, nowMs());
    const version = (before?.version ?? 0) + 1;
    carts.put(id, { id, lines, version, updatedAt: nowMs() });
    return accepted(version);
  };
}

function cartLines(lines: Cart['lines'], command: CartCommand, addedAt: number): Cart['lines'] {
  const others = (sku: Sku): CartLine[] => lines.filter((line) => line.sku !== sku);
  switch (command.type) {
    case 'SetCartLine': {
      const { sku, itemId, title, quantity, unitPrice } = command;
      return [...others(sku), { sku, itemId, title, quantity, unitPrice, addedAt }];
    }
    case 'RemoveCartLine':
      return others(command.sku);
    case 'MergeCart':
      return [...lines, ...command.lines];
    case 'ClearCart':
    case 'RemoveOrdered':
      return [];
  }
}

export function decideWishlist({ wishlists }: Tables, nowMs: () => number): Decider {
  return (key, input) => {
    const command = input as WishlistCommand;
    const id = key as UserId;
    const before = wishlists.rows.get(id);
    const others = (before?.lines ?? []).filter(({ sku }) => sku !== command.sku);
    const added = command.type === 'AddWish' ? [{ ...command, addedAt: nowMs() }] : [];
    const wishlist: Wishlist = {
      id,
      lines: [...added, ...others],
      version: (before?.version ?? 0) + 1,
      updatedAt: nowMs(),
    };
    wishlists.put(id, wishlist);
    return accepted(wishlist.version);
  };
}

export function decideInventory({ inventory }: Tables, nowMs: () => number): Decider {
  return (key, input) => {
    const command = input as InventoryCommand;
    const sku = key as Sku;
    if (command.type !== 'ReceiveStock' && command.type !== 'AdjustStock') {
      throw new Error(`the fake inventory does not decide ${command.type}`);
    }
    const change = command.type === 'ReceiveStock' ? command.quantity : command.delta;
    const before: StockLevel = inventory.rows.get(sku) ?? {
      sku,
      warehouses: {},
      version: 0,
      updatedAt: 0,
    };
    const stock = before.warehouses[command.warehouseId] ?? noStock;
    const onHand = stock.onHand + change;
    if (onHand < stock.reserved) return rejected('stock-below-reserved');
    const warehouses = { ...before.warehouses, [command.warehouseId]: { ...stock, onHand } };
    const version = before.version + 1;
    inventory.put(sku, { sku, warehouses, version, updatedAt: nowMs() });
    return accepted(version);
  };
}

const noStock = { onHand: 0, reserved: 0, received: 0, adjusted: 0, shipped: 0 };

/** Whether the shop has `quantity` of it, to sell. */
export function isInStock({ inventory }: Tables, sku: Sku, quantity: number): boolean {
  return unitsOf(inventory.rows.get(sku)) >= quantity;
}

export function itemOf({ items }: Tables, sku: Sku): Item | undefined {
  return items.rows.get(itemIdOf(sku));
}
