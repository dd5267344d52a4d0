/** The troubles of MongoDB, said as the ports say them. */
import {
  MongoBulkWriteError,
  MongoError,
  MongoInvalidArgumentError,
  MongoServerError,
  type WriteError,
} from 'mongodb';
import { rangeOf, SinkError } from '../sink-error.ts';
import { type ChangeBatch, ViewError } from '../views/view.ts';

/** A row of the key came in meanwhile: its write is to be made again. */
const duplicateKey = 11_000;

/**
 * What the server will never take, however often it is written: a value of the wrong kind or size.
 * Whatever is not listed is tried again, since a record is not given up for a trouble of the server.
 */
const rejections = new Set([
  2, // BadValue
  9, // FailedToParse
  14, // TypeMismatch
  22, // InvalidBSON
  52, // DollarPrefixedFieldName
  57, // DottedFieldName
  121, // DocumentValidationFailure
  10_334, // BSONObjectTooLarge
  17_280, // KeyTooLong
  17_419, // The document would be too large
  17_420, // The document would be too large
]);

/** The collection was dropped under a query: QueryPlanKilled, NamespaceNotFound, CursorNotFound. */
const droppedCodes = new Set<unknown>([175, 26, 43]);

export function isDropped(error: unknown): boolean {
  if (!(error instanceof MongoServerError)) return false;
  // A server before version 7 gives no code to a second drop.
  return droppedCodes.has(error.code) || error.message === 'ns not found';
}

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === duplicateKey;
}

/** The indexes of writes that met another writer's first row of their key, if that is all that failed. */
export function overtakenWrites(error: unknown): readonly number[] | undefined {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError())
    return undefined;
  const errors = writeErrorsOf(error);
  const isOnlyThat = errors.length > 0 && errors.every(({ code }) => code === duplicateKey);
  return isOnlyThat ? errors.map(({ index }) => index) : undefined;
}

/** @returns the error of a read as a service sees it; what is not of MongoDB is left as it is. */
export function viewErrorOf(error: unknown, view: string): unknown {
  if (!(error instanceof MongoError)) return error;
  const message = `the ${view} view cannot be read: ${error.message}`;
  return new ViewError('VIEW_UNAVAILABLE', message, error);
}

export function sinkErrorOf(
  error: unknown,
  view: string,
  batches: readonly ChangeBatch<unknown, unknown>[],
): SinkError {
  if (error instanceof SinkError) return error;
  const where = batches.map(rangeOf).join(', ') || 'anything';
  const reason = error instanceof Error ? error.message : String(error);
  return new SinkError(
    isRejection(error) ? 'SINK_REJECTED' : 'SINK_UNAVAILABLE',
    `view '${view}' cannot take ${where}: ${reason}`,
    error,
  );
}

/** What is not the driver's trouble came from a value that cannot be written as BSON. */
function isRejection(error: unknown): boolean {
  if (error instanceof ViewError) return false;
  if (error instanceof MongoInvalidArgumentError || !(error instanceof MongoError)) return true;
  if (!(error instanceof MongoBulkWriteError)) return false;
  return writeErrorsOf(error).some(({ code }) => rejections.has(code));
}

function writeErrorsOf(error: MongoBulkWriteError): readonly WriteError[] {
  return [error.writeErrors].flat();
}
