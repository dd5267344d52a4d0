import { returnableLines } from './returnable.ts';
import type { Order } from './wire.ts';

const nothing = { amount: 0, currency: 'INR' };

const line = (sku: string, quantity: number, returned = 0): Order['lines'][number] => ({
  sku,
  itemId: sku,
  title: `A ${sku}`,
  quantity,
  unitPrice: nothing,
  lineTotal: nothing,
  returned,
});

const shipment = (status: string, ...lines: Order['shipments'][number]['lines']) => ({
  id: `ord_1-${status}`,
  warehouseId: 'pune',
  courierId: 'bulbul-air',
  status,
  lines,
  fee: nothing,
  promisedBy: '2026-11-25T15:30:00.000Z',
});

const order = (status: string, ...shipments: Order['shipments']) => ({
  status,
  lines: [line('TEA', 3), line('CUP', 2, 1)],
  shipments,
});

test('what arrived and has not come back can be sent back', () => {
  const arrived = shipment('delivered', { sku: 'TEA', quantity: 3 }, { sku: 'CUP', quantity: 2 });
  expect(returnableLines(order('delivered', arrived))).toEqual([
    { sku: 'TEA', title: 'A TEA', units: 3 },
    { sku: 'CUP', title: 'A CUP', units: 1 },
  ]);
});

test('what is on its way or lost cannot, though the rest has arrived', () => {
  const arrived = shipment('delivered', { sku: 'TEA', quantity: 1 });
  const lost = shipment('lost', { sku: 'TEA', quantity: 1 });
  const travels = shipment('shipped', { sku: 'CUP', quantity: 2 });
  expect(returnableLines(order('partly-delivered', arrived, lost, travels))).toEqual([
    { sku: 'TEA', title: 'A TEA', units: 1 },
  ]);
});

test.each(['placed', 'shipped', 'completed', 'returned', 'cancelled'])(
  'nothing of an order that is %s goes back',
  (status) => {
    const arrived = shipment('delivered', { sku: 'TEA', quantity: 3 });
    expect(returnableLines(order(status, arrived))).toEqual([]);
  },
);
