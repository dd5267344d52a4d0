/**
 * The words of names, brands, categories and attributes, with the number of documents that have
 * them: what a misspelt word is corrected to, and what the beginning of a word is completed to.
 */
import { crc32 } from 'node:zlib';
import {
  deletionsOf,
  editDistance,
  storedDeletionsOf,
  toleranceOf,
} from '../../search/spelling.ts';
import type { Database } from '../database.ts';

export const vocabularySchema = `
  CREATE TABLE words (
    id INTEGER PRIMARY KEY,
    word TEXT NOT NULL UNIQUE,
    documents INTEGER NOT NULL CHECK (documents > 0)
  ) STRICT;
  CREATE TABLE word_deletions (
    deletion INTEGER NOT NULL,
    word_id INTEGER NOT NULL,
    PRIMARY KEY (deletion, word_id)
  ) STRICT, WITHOUT ROWID;`;

interface WordRow {
  readonly id: number;
  readonly word: string;
  readonly documents: number;
}

const afterEveryLetter = '\u{10ffff}';

export class Vocabulary {
  readonly #database: Database;
  /** What the transaction under way has changed so far: common words are written once. */
  readonly #changes = new Map<string, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** One document more, or one less, has these words. Takes effect with `flush`. */
  count(words: Iterable<string>, change: 1 | -1): void {
    for (const word of words) this.#changes.set(word, (this.#changes.get(word) ?? 0) + change);
  }

  /** Forgets what was counted since the last `flush`: the transaction was rolled back. */
  discard(): void {
    this.#changes.clear();
  }

  /** Writes what was counted, in the transaction under way. */
  flush(): void {
    for (const [word, change] of this.#changes) if (change !== 0) this.#write(word, change);
    this.#changes.clear();
  }

  /** The most frequent of the nearest words within the tolerance; `undefined` when none is. */
  nearest(word: string): string | undefined {
    const tolerance = toleranceOf(word);
    if (tolerance === 0) return undefined;
    const codes = Array.from(deletionsOf(word, tolerance), (deletion) => crc32(deletion));
    const rows = this.#database.all<WordRow & Record<string, never>>(
      `SELECT DISTINCT words.id, word, documents FROM json_each(?) code
       JOIN word_deletions ON deletion = code.value JOIN words ON words.id = word_id`,
      [JSON.stringify(codes)],
    );
    const near = rows
      .map((row) => ({ ...row, distance: editDistance(word, row.word) }))
      .filter(({ distance }) => distance <= tolerance)
      .sort(
        (a, b) =>
          a.distance - b.distance || b.documents - a.documents || (a.word < b.word ? -1 : 1),
      );
    return near[0]?.word;
  }

  /** Words that begin with `prefix`, most frequent first. */
  completions(prefix: string, limit: number): string[] {
    const rows = this.#database.all<{ word: string }>(
      `SELECT word FROM words WHERE word >= ? AND word < ?
       ORDER BY documents DESC, word LIMIT ?`,
      [prefix, prefix + afterEveryLetter, limit],
    );
    return rows.map(({ word }) => word);
  }

  #write(word: string, change: number): void {
    const row = this.#database.get<WordRow & Record<string, never>>(
      'SELECT id, word, documents FROM words WHERE word = ?',
      [word],
    );
    if (row === undefined) {
      this.#add(word, change);
    } else if (row.documents + change > 0) {
      this.#database.run('UPDATE words SET documents = ? WHERE id = ?', [
        row.documents + change,
        row.id,
      ]);
    } else {
      this.#remove(row);
    }
  }

  #add(word: string, documents: number): void {
    this.#database.run('INSERT INTO words (word, documents) VALUES (?, ?)', [word, documents]);
    const id = this.#database.number('SELECT last_insert_rowid()');
    for (const deletion of storedDeletionsOf(word)) {
      this.#database.run('INSERT OR IGNORE INTO word_deletions VALUES (?, ?)', [
        crc32(deletion),
        id,
      ]);
    }
  }

  #remove({ id, word }: WordRow): void {
    for (const deletion of storedDeletionsOf(word)) {
      this.#database.run('DELETE FROM word_deletions WHERE deletion = ? AND word_id = ?', [
        crc32(deletion),
        id,
      ]);
    }
    this.#database.run('DELETE FROM words WHERE id = ?', [id]);
  }
}
