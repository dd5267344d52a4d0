/** An item in a list: the picture, the promise on it, what it is and costs, a short way to the cart. */
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
      {/* The name is read first and seen last: the style sheet puts picture and promise above. */}
      <Link class="card-link" href={`/items/${encodeURIComponent(item.itemId)}`}>
        <span class="card-brand">{item.brand}</span>
        <span class="card-title" title={item.title}>
          {titleWithoutBrand(item)}
        </span>
        <ItemPicture category={item.category} sku={item.sku} imageUrl={item.imageUrl} />
        {item.delivery && <DeliveryLine delivery={item.delivery} />}
      </Link>
      <div class="card-buy">
        <p class="card-price">{price(item.price)}</p>
        {!refused && <AddButton sku={item.sku} title={item.title} compact />}
      </div>
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
