/** The items that are looked at, taken and ordered most. */
import { call } from '../storefront/client/api.ts';
import { count } from '../storefront/client/format.ts';
import { ProblemNote } from '../storefront/parts/problem-note.tsx';
import { useRounds } from './charts.tsx';
import type { TopItem } from './reports.ts';

export function TopItems({ round }: { readonly round: number }) {
  const { value, error, reload } = useRounds(round, () =>
    call<{ items: TopItem[] }>('GET', '/v1/analytics/top-items?limit=10'),
  );
  return (
    <section class="panel" aria-labelledby="top-items">
      <h2 id="top-items">Top items, last hour</h2>
      {error && !value && <ProblemNote problem={error} retry={reload} />}
      {value?.items.length === 0 && <p class="quiet">Nobody has looked at anything yet.</p>}
      {value && value.items.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Item</th>
              <th scope="col">Views</th>
              <th scope="col">Carts</th>
              <th scope="col">Orders</th>
            </tr>
          </thead>
          <tbody>
            {value.items.map((item) => (
              <tr key={item.itemId}>
                <th scope="row">
                  <a href={`/items/${encodeURIComponent(item.itemId)}`}>
                    {item.title ?? item.itemId}
                  </a>
                </th>
                <td>{count(item.views)}</td>
                <td>{count(item.carts)}</td>
                <td>{count(item.orders)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
