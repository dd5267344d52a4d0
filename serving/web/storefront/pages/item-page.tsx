/** One item: what it is, when it would arrive, and what is like it. */
import { call } from '../client/api.ts';
import { pincode } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';
import { day, fee, price, sentence, weight } from '../client/format.ts';
import { Link, useTitle } from '../client/navigation.tsx';
import { useLoad } from '../client/use-load.ts';
import type { Item, PromiseOption, Suggestion } from '../client/wire.ts';
import { AddButton } from '../parts/add-button.tsx';
import { DeliveryLine } from '../parts/delivery-line.tsx';
import { titleWithoutBrand } from '../parts/item-card.tsx';
import { ItemPicture } from '../parts/item-picture.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { Shelf } from '../parts/shelf.tsx';
import { WishButton } from '../parts/wish-button.tsx';
import { searchUrl } from '../routes.ts';

export function ItemPage({ id }: { readonly id: string }) {
  const code = useCell(pincode);
  const place = `/v1/items/${encodeURIComponent(id)}`;
  const path = code === '' ? place : `${place}?pincode=${code}`;
  const { value, error, reload } = useLoad(path, (signal) => call<Item>('GET', path, { signal }));
  useTitle(value?.title ?? 'Item');
  if (error) {
    const isUnknown = error.code === 'item-unknown';
    return (
      <div class="page is-narrow">
        <h1>{isUnknown ? 'This item is not here' : 'Item'}</h1>
        <ProblemNote problem={error} retry={isUnknown ? undefined : reload} />
        <Link class="button" href="/search">
          Look around
        </Link>
      </div>
    );
  }
  return (
    <article class="page item" aria-busy={value === undefined}>
      {value ? <ItemFacts item={value} code={code} /> : <div class="item-loading" />}
      <Shelf title="Bought by the same people" path={`${place}/similar`} fits={isSimilar} />
    </article>
  );
}

/** The shop fills up with what is popular; that is not what the title says. */
function isSimilar({ reason }: Suggestion): boolean {
  return reason !== 'trending';
}

function ItemFacts({ item, code }: { readonly item: Item; readonly code: string }) {
  const inStock = item.availability?.inStock ?? true;
  const units = item.availability?.units ?? 0;
  return (
    <>
      <Crumbs category={item.category} />
      <div class="item-body">
        <ItemPicture
          category={item.category}
          sku={item.sku}
          imageUrl={item.imageUrl}
          size="large"
        />
        <div class="item-facts">
          <p class="card-brand">{item.brand}</p>
          <h1>{titleWithoutBrand(item)}</h1>
          <p class="item-price">{price(item.price)}</p>
          <div class="promise">
            {item.delivery ? (
              <DeliveryLine delivery={item.delivery} />
            ) : (
              <p class="delivery is-unknown">Set your pincode to see the day that it arrives.</p>
            )}
            <p class={inStock ? 'stock' : 'stock is-out'}>{stockWords(inStock, units)}</p>
            {item.cashOnDelivery && <p class="stock">Cash on delivery is possible</p>}
          </div>
          <p class="item-actions">
            {inStock && <AddButton sku={item.sku} title={item.title} />}
            <WishButton sku={item.sku} title={item.title} />
          </p>
          <p class="item-text">{item.description}</p>
          <dl class="attributes">
            {Object.entries(item.attributes).map(([name, value]) => (
              <div key={name}>
                <dt>{sentence(name)}</dt>
                <dd>{value}</dd>
              </div>
            ))}
            <div>
              <dt>Weight</dt>
              <dd>{weight(item.weightGrams)}</dd>
            </div>
            <div>
              <dt>SKU</dt>
              <dd>{item.sku}</dd>
            </div>
          </dl>
          {code !== '' && <Options sku={item.sku} code={code} />}
        </div>
      </div>
    </>
  );
}

function stockWords(inStock: boolean, units: number): string {
  if (!inStock) return 'Out of stock at the moment';
  // The API counts to ten and no further.
  return units > 0 && units < 10 ? `Only ${units} left` : 'In stock';
}

function Crumbs({ category }: { readonly category: string }) {
  const steps = category.split('/');
  return (
    <nav class="crumbs" aria-label="Category">
      {steps.map((step, at) => (
        <span key={step}>
          <Link href={searchUrl({ category: steps.slice(0, at + 1).join('/') })}>{step}</Link>
        </span>
      ))}
    </nav>
  );
}

/** Every way to the pincode, not only the best: a shopper may prefer the cheaper one. */
function Options({ sku, code }: { readonly sku: string; readonly code: string }) {
  const path = `/v1/serviceability?pincode=${code}&sku=${encodeURIComponent(sku)}&quantity=1`;
  const { value } = useLoad(path, (signal) =>
    call<{ options: PromiseOption[] }>('GET', path, { signal }),
  );
  if (!value || value.options.length < 2) return null;
  return (
    <section class="options" aria-labelledby="options">
      <h2 id="options">Ways to {code}</h2>
      <ul>
        {value.options.slice(0, 4).map((option) => (
          <li key={`${option.warehouseId} ${option.courierId}`}>
            <strong>{day(option.promisedDate)}</strong>
            <span>from {option.city}</span>
            <span>{sentence(option.courierId)}</span>
            <span>{fee(option.fee)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
