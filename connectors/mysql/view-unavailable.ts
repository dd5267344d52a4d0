/** The troubles of the database, said as the ports say them. */
import { ViewError } from '../views/view.ts';
import { MysqlError } from './mysql-error.ts';

/** Of the database's error a `ViewError`; any other as it is. */
export function viewErrorOf(error: unknown, what: string): unknown {
  if (!(error instanceof MysqlError)) return error;
  return new ViewError('VIEW_UNAVAILABLE', `${what}: ${error.message}`, error);
}

/**
 * `port` with what its database throws as `VIEW_UNAVAILABLE`. Methods that answer no promise, as
 * those that listen, are left as they are.
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
      throw viewErrorOf(error, `${name} cannot be used`);
    });
  };
}
