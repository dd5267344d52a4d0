/** What operators do by hand: look after the stock of a SKU, and move shipments on. */
import { useTitle } from '../storefront/client/navigation.tsx';
import { ShipmentDesk } from './shipment-desk.tsx';
import { StockDesk } from './stock-desk.tsx';

export function Operations() {
  useTitle('Operations');
  return (
    <div class="panels">
      <StockDesk />
      <ShipmentDesk />
    </div>
  );
}
