/**
 * A value of a record as a field of a document. Names that MongoDB or its driver give a meaning to
 * (`price.inr`, `$set`, `_bsontype`) are escaped, so every map of strings comes back as it was.
 */

/** A dot, a dollar in front, a NUL, the driver's mark of a type; and the sign of an escape. */
const special = /[%.\0]|^\$|^_bsontype$/;
const escaped = /[%.\0]|^\$|^_(?=bsontype$)/g;

/** The same value with names that can be stored; most have such names already. */
export function toDocument<T>(value: T): T {
  return hasName(value, isSpecial)
    ? withNames(value, (name) => (isSpecial(name) ? name.replace(escaped, percent) : name))
    : value;
}

/** What `toDocument` was given. */
export function fromDocument<T>(document: T): T {
  return hasName(document, isEscaped) ? withNames(document, decodeURIComponent) : document;
}

const isSpecial = (name: string) => special.test(name);
const isEscaped = (name: string) => name.includes('%');

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** For every value that is written and read: allocates nothing. */
function hasName(value: unknown, is: (name: string) => boolean): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) {
    for (const part of value) if (hasName(part, is)) return true;
    return false;
  }
  for (const name in value) {
    if (is(name) || hasName((value as Record<string, unknown>)[name], is)) return true;
  }
  return false;
}

function withNames<T>(value: T, nameOf: (name: string) => string): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((part) => withNames(part, nameOf)) as T;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([name, part]) => [nameOf(name), withNames(part, nameOf)]),
  ) as T;
}
