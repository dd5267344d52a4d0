/**
 * A value of a record as a field of a document. Names that MongoDB or its driver give a meaning to
 * (`price.inr`, `$set`, `_bsontype`) are escaped, so every map of strings comes back as it was.
 */

/** A dot, a dollar in front, a NUL, the driver's mark of a type; and the sign of an escape. */
const special = /[%.\0]|^\$|^_bsontype$/;
const escaped = /[%.\0]|^\$|^_(?=bsontype$)/g;

/** The same value with names that can be stored. Copies only what has to change. */
export function toDocument<T>(value: T): T {
  return withNames(value, (name) => (special.test(name) ? name.replace(escaped, percent) : name));
}

/** What `toDocument` was given. */
export function fromDocument<T>(document: T): T {
  return withNames(document, (name) => (name.includes('%') ? decodeURIComponent(name) : name));
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function withNames<T>(value: T, nameOf: (name: string) => string): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return changed(value, (part) => withNames(part, nameOf)) as T;
  }
  const entries = Object.entries(value);
  const next = changed(entries, (entry) => {
    const [name, part] = entry;
    const [nextName, nextPart] = [nameOf(name), withNames(part, nameOf)];
    return nextName === name && nextPart === part ? entry : ([nextName, nextPart] as typeof entry);
  });
  return next === entries ? value : (Object.fromEntries(next) as T);
}

/** The same array when nothing in it changes. */
function changed<T>(parts: readonly T[], change: (part: T) => T): readonly T[] {
  let copy: T[] | undefined;
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] as T;
    const next = change(part);
    if (next === part) continue;
    copy ??= [...parts];
    copy[index] = next;
  }
  return copy ?? parts;
}
