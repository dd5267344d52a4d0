/**
 * Postings: for a word, the documents that have it and the fields they have it in. FTS5 keeps them
 * on disk; those of words that are searched for stay in memory until a document that has the word
 * changes. Ranking and counting need every match, and reading one from SQLite costs fifty times
 * what it costs in an array.
 */
import { BoundedCache } from '../../bounded-cache.ts';
import type { Database } from '../database.ts';

/** In the order of their weight; the index is the bit in `Posting.fields`. */
const namingFields = ['title', 'brand', 'category', 'attributes'] as const;
const fieldNames = [...namingFields, 'description'] as const;
const descriptionBit = 1 << namingFields.length;

/** Words come ready from `words.ts`: FTS5 only separates them at spaces (`ascii` keeps all else). */
export const postingsSchema = `
  CREATE VIRTUAL TABLE search_index USING fts5 (
    ${fieldNames.join(', ')},
    content = '', contentless_delete = 1, detail = column, prefix = '2 3', tokenize = 'ascii'
  );`;

export interface Posting {
  /** Documents, ascending. */
  readonly documents: Uint32Array;
  /**
   * For each document a bit for each field that has the term; that of the description only when no
   * other has it, where it would hardly count.
   */
  readonly fields: Uint8Array;
}

/** A word, or the beginning of one. */
export interface Term {
  readonly word: string;
  readonly isPrefix: boolean;
}

const cachedTerms = 5_000;
const prefixMark = '*';

export class Postings {
  readonly #database: Database;
  readonly #cache = new BoundedCache<string, Posting>(cachedTerms);

  constructor(database: Database) {
    this.#database = database;
  }

  of({ word, isPrefix }: Term): Posting {
    const load = () => this.#load(`"${word}"${isPrefix ? prefixMark : ''}`);
    return this.#cache.get(isPrefix ? word + prefixMark : word, load) as Posting;
  }

  /** `texts` holds the words of each field, by a space. */
  put(document: number, texts: readonly string[]): void {
    this.#database.run(
      `INSERT OR REPLACE INTO search_index (rowid, ${fieldNames}) VALUES (?, ?, ?, ?, ?, ?)`,
      [document, ...texts],
    );
    this.#forget(texts);
  }

  /** `texts` as they were put. */
  delete(document: number, texts: readonly string[]): void {
    this.#database.run('DELETE FROM search_index WHERE rowid = ?', [document]);
    this.#forget(texts);
  }

  /** Also what was put before: forget the postings of words that a document no longer has. */
  replace(document: number, before: readonly string[], after: readonly string[]): void {
    this.#forget(before);
    this.put(document, after);
  }

  /** Whether the index finds the document by each word of each field. */
  hasAll(document: number, texts: readonly string[]): boolean {
    const fields = fieldNames.flatMap((name, at) => {
      const words = new Set((texts[at] ?? '').split(' ').filter((word) => word !== ''));
      return Array.from(words, (word) => `${name} : "${word}"`);
    });
    if (fields.length === 0) return true;
    const found = this.#database.number(
      'SELECT count(*) FROM search_index WHERE rowid = ? AND search_index MATCH ?',
      [document, fields.join(' AND ')],
    );
    return found === 1;
  }

  /** Documents that the index has words of, and that are gone. */
  orphans(): number[] {
    const rows = this.#database.all<{ id: number }>(
      'SELECT id FROM search_index_docsize WHERE id NOT IN (SELECT id FROM documents)',
    );
    return rows.map(({ id }) => id);
  }

  #forget(texts: readonly string[]): void {
    if (this.#cache.size === 0) return;
    for (const word of new Set(texts.flatMap((text) => text.split(' ')))) {
      this.#cache.delete(word);
      for (let end = 1; end <= word.length; end++) {
        this.#cache.delete(word.slice(0, end) + prefixMark);
      }
    }
  }

  #load(expression: string): Posting {
    const documents = this.#documentsOf(expression);
    const fields = new Uint8Array(documents.length);
    for (const [bit, name] of namingFields.entries()) {
      if (documents.length === 0) break;
      let at = 0;
      for (const document of this.#documentsOf(`${name} : ${expression}`)) {
        while ((documents[at] as number) < document) at += 1;
        fields[at] = (fields[at] as number) | (1 << bit);
      }
    }
    for (let at = 0; at < fields.length; at++) if (fields[at] === 0) fields[at] = descriptionBit;
    return { documents, fields };
  }

  /** As one text of numbers: a row each would take twenty times as long. */
  #documentsOf(expression: string): Uint32Array {
    const row = this.#database.get<{ ids: string | null }>(
      `SELECT group_concat(rowid, ' ') AS ids FROM
       (SELECT rowid FROM search_index WHERE search_index MATCH ? ORDER BY rowid)`,
      [expression],
    );
    return parseNumbers(row?.ids ?? '');
  }
}

function parseNumbers(text: string): Uint32Array {
  if (text === '') return new Uint32Array(0);
  const numbers: number[] = [];
  let number = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit >= 0) {
      number = number * 10 + digit;
    } else {
      numbers.push(number);
      number = 0;
    }
  }
  numbers.push(number);
  return Uint32Array.from(numbers);
}
