/** The stock of one SKU: what is where, and what came in. */
import { useState } from 'preact/hooks';
import { announce } from '../storefront/client/announce.tsx';
import { call, newKey, type Refused } from '../storefront/client/api.ts';
import { count, sentence } from '../storefront/client/format.ts';
import { asRefused, useLoad } from '../storefront/client/use-load.ts';
import type { Stock, Warehouse } from '../storefront/client/wire.ts';
import { Field } from '../storefront/parts/field.tsx';
import { ProblemNote } from '../storefront/parts/problem-note.tsx';

const pathOf = (sku: string) => `/v1/inventory/${encodeURIComponent(sku)}`;

export function StockDesk() {
  const [typed, setTyped] = useState('');
  const [stock, setStock] = useState<Stock>();
  const [problem, setProblem] = useState<Refused>();
  const look = async (event: Event) => {
    event.preventDefault();
    setProblem(undefined);
    try {
      setStock(await call<Stock>('GET', pathOf(typed.trim())));
    } catch (error) {
      setStock(undefined);
      setProblem(asRefused(error));
    }
  };
  return (
    <section class="panel desk" aria-labelledby="stock">
      <h2 id="stock">Stock</h2>
      <form class="desk-form" onSubmit={(event) => void look(event)}>
        <Field label="SKU" value={typed} set={setTyped} maxLength={64} />
        <button type="submit" class="button">
          Look up
        </button>
      </form>
      {problem && <ProblemNote problem={problem} />}
      {stock && <StockTable stock={stock} />}
      {stock && <ReceiptForm key={stock.sku} sku={stock.sku} received={setStock} />}
    </section>
  );
}

function StockTable({ stock }: { readonly stock: Stock }) {
  const row = (name: string, units: Omit<Stock, 'sku' | 'warehouses'>) => (
    <tr key={name}>
      <th scope="row">{name}</th>
      <td>{count(units.onHand)}</td>
      <td>{count(units.reserved)}</td>
      <td>{count(units.available)}</td>
    </tr>
  );
  return (
    <table aria-label={`Stock of ${stock.sku}`}>
      <thead>
        <tr>
          <th scope="col">Warehouse</th>
          <th scope="col">On hand</th>
          <th scope="col">Reserved</th>
          <th scope="col">Available</th>
        </tr>
      </thead>
      <tbody>
        {stock.warehouses.map((each) => row(sentence(each.id), each))}
        {row('All', stock)}
      </tbody>
    </table>
  );
}

interface ReceiptFormProps {
  readonly sku: string;
  readonly received: (stock: Stock) => void;
}

function ReceiptForm({ sku, received }: ReceiptFormProps) {
  const warehouses = useLoad('warehouses', (signal) =>
    call<{ items: readonly Warehouse[] }>('GET', '/v1/warehouses?limit=100', { signal }),
  );
  const [warehouseId, setWarehouseId] = useState('');
  const [quantity, setQuantity] = useState('');
  const [reference, setReference] = useState('');
  const [problem, setProblem] = useState<Refused>();
  const list = warehouses.value?.items ?? [];
  const chosen = warehouseId || (list[0]?.id ?? '');

  const receive = async (event: Event) => {
    event.preventDefault();
    setProblem(undefined);
    try {
      const body = { warehouseId: chosen, quantity: Number(quantity), reference };
      const path = `${pathOf(sku)}/receipts`;
      received(await call<Stock>('POST', path, { body, key: newKey() }));
      announce(`${quantity} of ${sku} are in ${chosen}`);
      setQuantity('');
    } catch (error) {
      setProblem(asRefused(error));
    }
  };
  return (
    <>
      <h3>Receive stock</h3>
      {warehouses.error && <ProblemNote problem={warehouses.error} retry={warehouses.reload} />}
      {problem && <ProblemNote problem={problem} />}
      <form class="desk-form" onSubmit={(event) => void receive(event)}>
        <p class="field">
          <label for="warehouse">Warehouse</label>
          <select
            id="warehouse"
            value={chosen}
            onChange={(event) => setWarehouseId(event.currentTarget.value)}
          >
            {list.map(({ id, city }) => (
              <option key={id} value={id}>
                {city}
              </option>
            ))}
          </select>
        </p>
        <Field
          label="Units"
          value={quantity}
          set={setQuantity}
          inputMode="numeric"
          pattern="[1-9][0-9]{0,5}"
          maxLength={6}
        />
        <Field
          label="Reference (if any)"
          value={reference}
          set={setReference}
          maxLength={200}
          required={false}
        />
        <button type="submit" class="button" disabled={chosen === ''}>
          Receive
        </button>
      </form>
    </>
  );
}
