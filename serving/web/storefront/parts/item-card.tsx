/** An item in a list: picture, name, price, promise; and a short way into the cart. */
import { price } from '../client/format.ts';
import { Link } from '../client/navigation.tsx';
import type { ItemSummary } from '../client/wire.ts';
import { AddButton } from './add-button.tsx';
import { DeliveryLine } from './delivery-line.tsx';
import { ItemPicture } from './item-picture.tsx';

export function ItemCard({ item }: { readonly item: ItemSummary }) {
  const refused = item.delivery?.deliverable === false;
  return (
    <li class={refused ? 'card is-refused' : 'card'}>
      <Link class="card-link" href={`/items/${encodeURIComponent(item.itemId)}`}>
        <ItemPicture category={item.category} sku={item.sku} imageUrl={item.imageUrl} />
        <span class="card-brand">{item.brand}</span>
        <span class="card-title">{titleWithoutBrand(item)}</span>
      </Link>
      <p class="card-price">{price(item.price)}</p>
      {/* `undefined`: this list does not tell of delivery at all. */}
      {item.delivery !== undefined && <DeliveryLine delivery={item.delivery} />}
      {!refused && <AddButton sku={item.sku} title={item.title} compact />}
    </li>
  );
}

/** The brand stands above the title already. */
export function titleWithoutBrand({ title, brand }: { title: string; brand: string }): string {
  return title.startsWith(`${brand} `) ? title.slice(brand.length + 1) : title;
}

export function CardsLoading({ count }: { readonly count: number }) {
  return (
    <ul class="cards" aria-hidden="true">
      {Array.from({ length: count }, (_, at) => (
        <li class="card is-loading" key={at}>
          <div class="picture is-card" />
          <span class="bar" />
          <span class="bar is-short" />
        </li>
      ))}
    </ul>
  );
}
