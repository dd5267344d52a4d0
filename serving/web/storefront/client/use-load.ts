/** Data of a page: loading, there, or refused; loaded again when its key changes. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { Refused } from './api.ts';
import { useCell } from './cell.ts';
import { isOnline } from './network.ts';

export interface Loaded<Value> {
  /** The last that came; kept while newer data load. */
  readonly value: Value | undefined;
  readonly error: Refused | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface State<Value> {
  readonly key: string;
  readonly value: Value | undefined;
  readonly error: Refused | undefined;
  readonly isLoading: boolean;
}

/**
 * What was asked for under an older key is never shown under a newer one. A new `round` loads the
 * same thing again, and the older answer is shown until the newer has come. What failed for want of
 * a network is loaded again when the network is back.
 */
export function useLoad<Value>(
  key: string,
  load: (signal: AbortSignal) => Promise<Value>,
  round = 0,
): Loaded<Value> {
  const [reloads, setReloads] = useState(0);
  const [state, setState] = useState<State<Value>>(() => waiting(key));

  useEffect(() => {
    const abort = new AbortController();
    setState((before) => (before.key === key ? { ...before, isLoading: true } : waiting(key)));
    load(abort.signal).then(
      (value) => {
        if (!abort.signal.aborted) setState({ key, value, error: undefined, isLoading: false });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const refused = asRefused(error);
        setState((before) => ({ ...before, key, error: refused, isLoading: false }));
      },
    );
    return () => abort.abort();
  }, [key, round, reloads]);

  const reload = useCallback(() => setReloads((before) => before + 1), []);
  const failedOffline = state.key === key && state.error?.code === 'offline';
  const online = useCell(isOnline);
  useEffect(() => {
    if (online && failedOffline) reload();
  }, [online]);

  const shown = state.key === key ? state : waiting<Value>(key);
  return { value: shown.value, error: shown.error, isLoading: shown.isLoading, reload };
}

function waiting<Value>(key: string): State<Value> {
  return { key, value: undefined, error: undefined, isLoading: true };
}

/** A bug in a page is told like a refusal, so that it is seen, and logged for whoever mends it. */
export function asRefused(error: unknown): Refused {
  if (error instanceof Refused) return error;
  console.error(error);
  return new Refused({
    code: 'page-broken',
    status: 0,
    title: 'This page broke',
    detail: 'That is our mistake. Reload it, please.',
  });
}
