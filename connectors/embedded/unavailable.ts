/** The troubles of a database file, said as the ports say them. */
import { translatingErrors } from '../translated-errors.ts';
import { ViewError } from '../views/view.ts';
import { isDatabaseError } from './database.ts';

/** `port` with what its database throws (busy, damaged, closed, disk full) as `VIEW_UNAVAILABLE`. */
export function overDatabase<T extends object>(name: string, port: T): T {
  return translatingErrors(port, (error) => {
    if (!isDatabaseError(error)) return error;
    const { message } = error as Error;
    return new ViewError('VIEW_UNAVAILABLE', `${name} cannot be read: ${message}`, error);
  });
}
