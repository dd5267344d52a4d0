/**
 * What MySQL or MariaDB answers, or the way to it, when something goes wrong. The driver's own errors
 * hold the statement with all of its values, so none of them leaves this folder.
 */

export class MysqlError extends Error {
  override readonly name = 'MysqlError';
  /** The server's number; 0 when it was not the server that said it. */
  readonly errno: number;
  /** As the driver calls it: `ER_DUP_ENTRY`, `ECONNREFUSED`. */
  readonly code: string;

  constructor(message: string, { errno = 0, code = 'CLIENT' } = {}) {
    super(message);
    this.errno = errno;
    this.code = code;
  }
}

/** Of the driver's error: what may be shown of it. */
export function mysqlErrorOf(error: unknown): MysqlError {
  if (error instanceof MysqlError) return error;
  const { message, code, errno, errors } = error as {
    readonly message?: string;
    readonly code?: unknown;
    readonly errno?: unknown;
    /** Of an AggregateError: each address of a name that was tried. */
    readonly errors?: readonly Error[];
  };
  return new MysqlError(message || (errors?.[0]?.message ?? String(code ?? error)), {
    // System calls have numbers below 0.
    errno: typeof errno === 'number' && errno > 0 ? errno : 0,
    code: typeof code === 'string' ? code : 'CLIENT',
  });
}

/** MySQL says 3819 and MariaDB 4025, for which the driver has another name. */
const checkViolated = [3819, 4025];
const duplicate = 1062;
const missingParent = [1216, 1452];
/** Null, out of range, unknown words, not a number, too long, no JSON, larger than a packet. */
const unfitting = [1048, 1153, 1264, 1265, 1292, 1366, 1367, 1406, 3140, 3141];
const missingTable = 1146;
/** Deadlock; a row that changed meanwhile, as MariaDB puts it. Both have rolled back. */
const rolledBack = [1213, 1020];
/** 1290, 1792 and 1836: it is a replica by now. */
const readOnly = [1290, 1792, 1836];
/** Shutdown, killed, or closed after it was idle, as MySQL and MariaDB put it. */
const goodbye = [1053, 1079, 1080, 1152, 1317, 1927, 3169, 4031];

const lostCodes = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE']);
/** The driver has no code for it. */
const closedState = /closed state/;

/** Whether the same rows will be refused again. */
export function isRejection(error: unknown): boolean {
  const lasting = [duplicate, ...checkViolated, ...missingParent, ...unfitting];
  return hasNumber(error, lasting);
}

export function isDuplicate(error: unknown): boolean {
  return hasNumber(error, [duplicate]);
}

export function isMissingParent(error: unknown): boolean {
  return hasNumber(error, missingParent);
}

export function isMissingTable(error: unknown): boolean {
  return hasNumber(error, [missingTable]);
}

/** Whether nothing of the transaction is left, so that it can be done again. */
export function isRolledBack(error: unknown): boolean {
  return hasNumber(error, rolledBack);
}

/** Whether the connection broke: what was not committed is rolled back, or will be. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof MysqlError)) return false;
  return (
    lostCodes.has(error.code) || goodbye.includes(error.errno) || closedState.test(error.message)
  );
}

/** Whether a connection must not be used again: another one may lead to another server. */
export function isUnusableAfter(error: MysqlError): boolean {
  return isConnectionLost(error) || readOnly.includes(error.errno);
}

function hasNumber(error: unknown, numbers: readonly number[]): boolean {
  return error instanceof MysqlError && numbers.includes(error.errno);
}
