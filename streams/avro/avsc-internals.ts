/** What avsc 5 types are made of and its published types leave out. */
import type avsc from 'avsc';

/** A buffer and a position in it. Reading past the end is seen by the position, afterwards. */
export interface Tap {
  readonly buf: Buffer;
  pos: number;
  readInt(): number;
  readLong(): number;
  writeLong(n: number): void;
  readString(): string | undefined;
  writeBytes(bytes: Buffer): void;
}

export interface TypeInternals extends avsc.Type {
  _read(tap: Tap): unknown;
  _write(tap: Tap, value: unknown): void;
  _check(value: unknown, flags?: unknown): boolean;
  _copy(value: unknown, options?: { readonly wrap?: number }): unknown;
  _peek(tap: Tap): unknown;
}

/** Reads what another schema wrote. */
export interface Resolver {
  readonly _readerType: avsc.Type;
  _read: (tap: Tap) => unknown;
}
