/** An address as it is written on a parcel. */
import type { Address } from '../client/wire.ts';

export function AddressText({ address }: { readonly address: Omit<Address, 'id'> }) {
  return (
    <address>
      <strong>{address.name}</strong>
      {address.lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
      <span>
        {address.city} {address.pincode}
      </span>
      <span>{address.phone}</span>
    </address>
  );
}
