/**
 * The troubles of Elasticsearch, said as the ports say them. What the client throws holds requests
 * and settings; only its type and its reason go on from here.
 */
import { errors } from '@elastic/elasticsearch';
import { rangeOf, SinkError } from '../sink-error.ts';
import { type ChangeBatch, ViewError } from '../views/view.ts';

/** An error that Elasticsearch answered with, as JSON. */
export interface ErrorCause {
  readonly type?: string | undefined;
  readonly reason?: string | null | undefined;
}

/** Of one document of a bulk request. */
export class RefusedDocument extends Error {
  override readonly name = 'RefusedDocument';
  /** An HTTP status. */
  readonly status: number;

  constructor(status: number, cause: ErrorCause | undefined) {
    super(saidOf(cause) ?? `status ${status}`);
    this.status = status;
  }
}

const invalid = 400;
const tooLarge = 413;
const notFound = 404;

/** Whether it may be otherwise later, without anything else being asked. */
function isUnavailable(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined) return status !== invalid && status !== tooLarge;
  return error instanceof errors.ElasticsearchClientError && !isOurs(error);
}

/** What we asked cannot even be sent. */
function isOurs(error: Error): boolean {
  return error instanceof errors.SerializationError || error instanceof errors.ConfigurationError;
}

/** The index went away while it was read, for instance because the view was built anew. */
export function isGone(error: unknown): boolean {
  const text = textOf(error);
  return (
    statusOf(error) === notFound ||
    ['index_not_found_exception', 'search_context_missing_exception', 'no_shard_available'].some(
      (type) => text.includes(type),
    )
  );
}

/** The connection broke; nothing is known of the server. */
export function isBrokenConnection(error: unknown): boolean {
  return error instanceof errors.ConnectionError;
}

export function isAlreadyThere(error: unknown): boolean {
  return textOf(error).includes('resource_already_exists_exception');
}

export function viewErrorOf(error: unknown, what: string): Error {
  if (error instanceof ViewError) return error;
  if (isUnavailable(error)) {
    return new ViewError(
      'VIEW_UNAVAILABLE',
      `${what} cannot be read: ${reasonOf(error)}`,
      bare(error),
    );
  }
  return bare(error);
}

export function sinkErrorOf(
  error: unknown,
  view: string,
  batches: readonly ChangeBatch<unknown, unknown>[],
): SinkError {
  if (error instanceof SinkError) return error;
  return new SinkError(
    isUnavailable(error) ? 'SINK_UNAVAILABLE' : 'SINK_REJECTED',
    `view '${view}' cannot take ${batches.map(rangeOf).join(', ')}: ${reasonOf(error)}`,
    bare(error),
  );
}

/** As much of it as may be logged. */
export function bare(error: unknown): Error {
  if (!(error instanceof errors.ElasticsearchClientError)) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const safe = new Error(`elasticsearch: ${reasonOf(error)}`);
  safe.name = error.name;
  return safe;
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.ResponseError) {
    return saidOf(error.body?.error) ?? `status ${error.statusCode}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function saidOf(cause: ErrorCause | undefined): string | undefined {
  if (cause?.type === undefined) return undefined;
  return `${cause.type}: ${cause.reason ?? 'no reason given'}`;
}

function textOf(error: unknown): string {
  if (error instanceof errors.ResponseError) return JSON.stringify(error.body ?? '');
  return error instanceof Error ? error.message : '';
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof errors.ResponseError) return error.statusCode;
  return error instanceof RefusedDocument ? error.status : undefined;
}
