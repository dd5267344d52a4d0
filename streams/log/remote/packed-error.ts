/**
 * Errors on their way from thread to thread. A structured clone would forget `code`, `retryable` and
 * the class, by which callers decide what to do.
 */
import { types } from 'node:util';
import { StreamsError, type StreamsErrorCode } from '../../errors.ts';

export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly cause: PackedError | undefined;
  /** What a StreamsError has more. */
  readonly streams:
    | {
        readonly code: StreamsErrorCode;
        readonly retryable: boolean;
        /** Of an error that asks for a schema. */
        readonly schemaId: number | undefined;
      }
    | undefined;
}

/** A chain of causes ends somewhere, even one that bites its tail. */
const longestChain = 8;

/** Whatever was thrown: what is no Error becomes one with its text. */
export function packError(thrown: unknown, left = longestChain): PackedError {
  const error = isError(thrown) ? thrown : new Error(String(thrown));
  const { cause } = error;
  return {
    name: error.name,
    message: error.message,
    stack: error.stack ?? String(error),
    cause: cause === undefined || left === 0 ? undefined : packError(cause, left - 1),
    streams: error instanceof StreamsError ? packStreams(error) : undefined,
  };
}

/** Also one of another realm, such as a test runner's. */
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown);
}

function packStreams(error: StreamsError & { readonly schemaId?: number }) {
  return { code: error.code, retryable: error.retryable, schemaId: error.schemaId };
}

export function unpackError(packed: PackedError): Error {
  const { name, message, stack, streams } = packed;
  const cause = packed.cause === undefined ? undefined : unpackError(packed.cause);
  if (streams === undefined) {
    const error = new Error(message, cause === undefined ? undefined : { cause });
    return Object.assign(error, { name, stack });
  }
  const { code, retryable, schemaId } = streams;
  const error = new StreamsError(code, message, { cause, retryable });
  return Object.assign(error, { stack }, schemaId === undefined ? {} : { schemaId });
}
