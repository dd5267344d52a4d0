/** A row of items that the shop thinks of by itself. An extra: without any, there is no row. */
import { useId } from 'preact/hooks';
import { call } from '../client/api.ts';
import { pincode } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';
import { useDeliveries } from '../client/deliveries.ts';
import { useLoad } from '../client/use-load.ts';
import type { Suggestion } from '../client/wire.ts';
import { ItemCard } from './item-card.tsx';

export interface ShelfProps {
  readonly title: string;
  /** `/v1/trending`, for instance; the pincode is added. */
  readonly path: string;
  /** Which of the suggestions belong here. */
  readonly fits?: (suggestion: Suggestion) => boolean;
}

const SHOWN = 6;
const everything = () => true;

export function Shelf({ title, path, fits = everything }: ShelfProps) {
  const id = useId();
  const code = useCell(pincode);
  const suggestions = useSuggestions(path, code)?.filter(fits).slice(0, SHOWN) ?? [];
  const wanted = suggestions.map(({ sku }) => ({ sku, quantity: 1 }));
  const deliveries = useDeliveries(wanted, code);
  if (suggestions.length === 0) return null;
  return (
    <section class="shelf" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <ul class="cards">
        {suggestions.map(({ id: itemId, ...item }) => (
          <ItemCard
            key={item.sku}
            item={{ ...item, itemId, delivery: deliveries.get(item.sku) ?? null }}
          />
        ))}
      </ul>
    </section>
  );
}

/** With a pincode the shop leaves out what does not reach it. */
function useSuggestions(path: string, code: string): readonly Suggestion[] | undefined {
  const query = new URLSearchParams({ limit: '12', ...(code === '' ? {} : { pincode: code }) });
  const full = `${path}?${query}`;
  const { value } = useLoad(full, (signal) =>
    call<{ items: readonly Suggestion[] }>('GET', full, { signal }),
  );
  return value?.items;
}
