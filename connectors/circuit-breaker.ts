/**
 * Spares the shop the wait for a server that does not answer: after a few failures in a row whoever
 * reads is told so at once, and one read every second tries whether it is back.
 */
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import { ViewError } from './views/view.ts';

export interface CircuitBreaker {
  readonly server: string;
  /** Whether reads are refused without being tried. */
  readonly isOpen: boolean;
  /**
   * `port` with its promises behind this breaker. What it answers at once, as those that listen do, is
   * left as it is.
   */
  guard<T extends object>(port: T): T;
}

export interface CircuitBreakerOptions {
  /** Of all that is guarded; a success in between starts the count anew. @defaultValue 5 */
  readonly failuresInARow?: number;
  /** After which one read is let through, in milliseconds. @defaultValue 1_000 */
  readonly tryAgainAfterMs?: number;
}

/** One for all that a server answers. */
export function breakerOf(server: string, options: CircuitBreakerOptions = {}): CircuitBreaker {
  const { failuresInARow = 5, tryAgainAfterMs = 1_000 } = options;
  const policy = circuitBreaker(handleWhen(isUnavailable), {
    halfOpenAfter: tryAgainAfterMs,
    breaker: new ConsecutiveBreaker(failuresInARow),
  });
  const guarded =
    (method: AnyFunction): AnyFunction =>
    async (...parameters) => {
      try {
        return await policy.execute(async () => method(...parameters));
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error;
        const message = `${server} has not answered for a while, and is tried again in a moment`;
        throw new ViewError('VIEW_UNAVAILABLE', message, error);
      }
    };
  return {
    server,
    get isOpen() {
      return policy.state === CircuitState.Open;
    },
    guard<T extends object>(port: T): T {
      const methods = new Map<string | symbol, AnyFunction>();
      return new Proxy(port, {
        get(target, name) {
          const method: unknown = Reflect.get(target, name);
          if (!isAsynchronous(name, method)) return method;
          const known = methods.get(name) ?? guarded(method.bind(target));
          methods.set(name, known);
          return known;
        },
      });
    },
  };
}

type AnyFunction = (...parameters: unknown[]) => unknown;

/** Of the ports' methods only those that begin with `on` answer at once, and closing is no question. */
function isAsynchronous(name: string | symbol, method: unknown): method is AnyFunction {
  return typeof method === 'function' && !/^on[A-Z]/.test(String(name)) && name !== 'close';
}

function isUnavailable(error: unknown): boolean {
  return error instanceof ViewError && error.code === 'VIEW_UNAVAILABLE';
}
