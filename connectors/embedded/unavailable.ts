/** The troubles of a database file, said as the ports say them. */
import { ViewError } from '../views/view.ts';
import { isDatabaseError } from './database.ts';

/**
 * `port` with what its database throws (busy, damaged, closed, disk full) as `VIEW_UNAVAILABLE`.
 * Methods that answer no promise, as those that listen, are left as they are.
 */
export function translatingErrors<T extends object>(name: string, port: T): T {
  const entries = Object.entries(port).map(([method, value]) => [
    method,
    typeof value === 'function' ? translating(name, value as AnyFunction) : value,
  ]);
  return Object.fromEntries(entries) as T;
}

type AnyFunction = (...parameters: unknown[]) => unknown;

function translating(name: string, method: AnyFunction): AnyFunction {
  return (...parameters) => {
    const answer = method(...parameters);
    if (!(answer instanceof Promise)) return answer;
    return answer.catch((error: unknown) => {
      if (!isDatabaseError(error)) throw error;
      const { message } = error as Error;
      throw new ViewError('VIEW_UNAVAILABLE', `${name} cannot be read: ${message}`, error);
    });
  };
}
