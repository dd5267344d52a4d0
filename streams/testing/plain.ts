/**
 * A value as plain objects and arrays, without absent properties: so that a decoder's own classes
 * and its way to leave a field out make no difference to a test.
 */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return new Map([...value].map(([key, held]) => [key, plain(held)]));
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, held]) => held !== undefined);
  return Object.fromEntries(present.map(([name, held]) => [name, plain(held)]));
}
