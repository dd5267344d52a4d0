/** A port whose store's troubles are said as the ports say them. */

type AnyFunction = (...parameters: unknown[]) => unknown;

/**
 * `port`, whose promises reject with what `translate` makes of the error. Methods that answer no
 * promise, as those that listen, are left as they are.
 */
export function translatingErrors<T extends object>(
  port: T,
  translate: (error: unknown) => unknown,
): T {
  const translating =
    (method: AnyFunction): AnyFunction =>
    (...parameters) => {
      const answer = method(...parameters);
      if (!(answer instanceof Promise)) return answer;
      return answer.catch((error: unknown) => {
        throw translate(error);
      });
    };
  const entries = Object.entries(port).map(([name, value]) => [
    name,
    typeof value === 'function' ? translating(value as AnyFunction) : value,
  ]);
  return Object.fromEntries(entries) as T;
}
