/**
 * Spelling by deletions: two words within a distance of d meet in a word that both become when up
 * to d letters are left out. Only the first letters take part, which bounds the deletions of a long
 * word; the true distance then decides.
 *
 * @see https://github.com/wolfgarbe/SymSpell (symmetric deletes, prefix length 7)
 */

const prefixLength = 7;

/** How far a query word may be from what it meant. */
export function toleranceOf(word: string): 0 | 1 | 2 {
  if (word.length < 4 || /\d/.test(word)) return 0; // A wrong digit is another product.
  return word.length < 8 ? 1 : 2;
}

/** How many deletions of a word in the vocabulary are kept: as many as any query may need. */
export function storedDeletionsOf(word: string): Set<string> {
  if (word.length < 3 || /\d/.test(word)) return new Set();
  return deletionsOf(word, word.length < 6 ? 1 : 2);
}

/** The beginning of `word` with up to `count` letters left out, itself included. */
export function deletionsOf(word: string, count: number): Set<string> {
  const found = new Set([word.slice(0, prefixLength)]);
  let latest = [...found];
  for (let round = 0; round < count; round++) {
    const shorter = new Set<string>();
    for (const text of latest) {
      for (let at = 0; at < text.length; at++) shorter.add(text.slice(0, at) + text.slice(at + 1));
    }
    for (const text of shorter) found.add(text);
    latest = [...shorter];
  }
  return found;
}

/**
 * Letters to insert, delete, replace or swap with their neighbour to make one word of the other;
 * no part is edited twice (optimal string alignment).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, at(beforeLast, j - 2) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] as number;
}
