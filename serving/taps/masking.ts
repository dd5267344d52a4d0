/** Hides personal data in records: what tells who somebody is, or where she lives. */

/** Names of fields in any record of schemas/. What a field of this name holds is never shown. */
const personalFields: ReadonlySet<string> = new Set(['address', 'phone', 'email', 'name', 'lines']);

/** Everything of an address but the pincode, which a report may need, and its id. */
const keptOfAddress: ReadonlySet<string> = new Set(['id', 'pincode']);

export const masked = '***';

/** The value with personal data replaced by `***`. The original stays as it is. */
export function withoutPersonalData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPersonalData);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([name, of]) => {
    if (name === 'address' && isRecord(of)) return [name, maskedAddress(of)];
    return [name, isPersonal(name, of) ? masked : withoutPersonalData(of)];
  });
  return Object.fromEntries(entries);
}

function isPersonal(name: string, value: unknown): boolean {
  if (!personalFields.has(name) || value === null) return false;
  // The lines of an order are records; the lines of an address are text.
  if (name === 'lines')
    return Array.isArray(value) && value.some((line) => typeof line === 'string');
  return true;
}

function maskedAddress(address: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(address).map(([name, of]) => [name, keptOfAddress.has(name) ? of : masked]),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}
