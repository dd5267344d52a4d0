/** An item as the words it is found by. */
import type { Item } from '#schemas/items';
import { isFiller, wordsOf } from './words.ts';

/** Fields of `textsOf` whose words can be corrected to: all but the description. */
const namingFields = 4;

/** The words of each field, in the order of the index's fields, by a space. */
export function textsOf(item: Item): string[] {
  const { title, brand, category, attributes, description } = item;
  const values = Object.values(attributes).join(' ');
  return [title, brand, category, values, description].map((text) => wordsOf(text).join(' '));
}

export function titleWordCount({ title }: Item): number {
  return wordsOf(title).length;
}

export function namingWords(texts: readonly string[]): Set<string> {
  const words = texts.slice(0, namingFields).flatMap((text) => text.split(' '));
  return new Set(words.filter((word) => word !== '' && !isFiller(word)));
}
