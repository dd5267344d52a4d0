/** The wishlist, with today's prices and promises. */
import { call } from '../client/api.ts';
import { pincode } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';
import { useDeliveries } from '../client/deliveries.ts';
import { price } from '../client/format.ts';
import { Link, useTitle } from '../client/navigation.tsx';
import { session } from '../client/session.ts';
import { useLoad } from '../client/use-load.ts';
import type { Item, Wishlist } from '../client/wire.ts';
import { loadWishlist, wishlist } from '../client/wishlist.ts';
import { AddButton } from '../parts/add-button.tsx';
import { DeliveryLine } from '../parts/delivery-line.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { ItemPicture } from '../parts/item-picture.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { WishButton } from '../parts/wish-button.tsx';

export function WishlistPage() {
  useTitle('Wishlist');
  const who = useCell(session);
  const known = useCell(wishlist);
  const { error, reload } = useLoad(`wishlist of ${who?.userId}`, loadWishlist);
  return (
    <div class="page">
      <h1>Wishlist</h1>
      {error && <ProblemNote problem={error} retry={reload} />}
      {known === null && !error && <p class="waiting">Fetching your wishlist …</p>}
      {known?.lines.length === 0 && (
        <EmptyNote kind="Toys/Outdoor/Ride" title="No wishes yet" text="Keep what you like here." />
      )}
      {known !== null && known.lines.length > 0 && <Wishes lines={known.lines} />}
    </div>
  );
}

function Wishes({ lines }: Wishlist) {
  const ids = lines.map((line) => encodeURIComponent(line.itemId)).join(',');
  const path = `/v1/items?ids=${ids}`;
  const { value } = useLoad(path, (signal) => call<{ items: Item[] }>('GET', path, { signal }));
  const wanted = lines.map(({ sku }) => ({ sku, quantity: 1 }));
  const deliveries = useDeliveries(wanted, useCell(pincode));
  const items = new Map(value?.items.map((item) => [item.id, item]));
  return (
    <ul class="cards">
      {lines.map((line) => {
        const item = items.get(line.itemId);
        const delivery = deliveries.get(line.sku);
        return (
          <li class="card" key={line.sku}>
            <Link class="card-link" href={`/items/${encodeURIComponent(line.itemId)}`}>
              <span class="card-title">{line.title}</span>
              <ItemPicture
                category={item?.category ?? ''}
                sku={line.sku}
                imageUrl={item?.imageUrl ?? null}
              />
              {delivery && <DeliveryLine delivery={delivery} />}
            </Link>
            <div class="card-buy">
              <p class="card-price">{item ? price(item.price) : ' '}</p>
              <AddButton sku={line.sku} title={line.title} compact />
            </div>
            <WishButton sku={line.sku} title={line.title} />
          </li>
        );
      })}
    </ul>
  );
}
