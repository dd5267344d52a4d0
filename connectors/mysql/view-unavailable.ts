/** The troubles of the database, said as the ports say them. */
import { translatingErrors } from '../translated-errors.ts';
import { ViewError } from '../views/view.ts';
import { MysqlError } from './mysql-error.ts';

/** Of the database's error a `ViewError`; any other as it is. */
export function viewErrorOf(error: unknown, what: string): unknown {
  if (!(error instanceof MysqlError)) return error;
  return new ViewError('VIEW_UNAVAILABLE', `${what}: ${error.message}`, error);
}

/** `port` with what its database throws as `VIEW_UNAVAILABLE`. */
export function overDatabase<T extends object>(name: string, port: T): T {
  return translatingErrors(port, (error) => viewErrorOf(error, `${name} cannot be used`));
}
