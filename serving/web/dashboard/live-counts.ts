/** The stream of live counts, opened again with a fresh token when it breaks. */
import { useEffect, useState } from 'preact/hooks';
import { call } from '../storefront/client/api.ts';
import { useCell } from '../storefront/client/cell.ts';
import { session } from '../storefront/client/session.ts';
import type { LiveCounts } from './reports.ts';

export interface Live {
  readonly counts: LiveCounts | undefined;
  readonly isConnected: boolean;
}

const RETRY_MS = 3_000;

export function useLiveCounts(): Live {
  const userId = useCell(session)?.userId;
  const [live, setLive] = useState<Live>({ counts: undefined, isConnected: false });
  useEffect(() => {
    if (userId === undefined) return;
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;

    const open = async () => {
      // Any call renews a token that is over; the stream then takes the renewed one.
      await call('GET', '/v1/me').catch(() => undefined);
      const token = session.get()?.accessToken;
      if (isOver || token === undefined) return;
      source = new EventSource(`/v1/analytics/stream?access_token=${encodeURIComponent(token)}`);
      source.addEventListener('counts', (event) => {
        const counts = JSON.parse((event as MessageEvent<string>).data) as LiveCounts;
        setLive({ counts, isConnected: true });
      });
      source.onopen = () => setLive((before) => ({ ...before, isConnected: true }));
      source.onerror = () => {
        source?.close();
        setLive((before) => ({ ...before, isConnected: false }));
        timer = setTimeout(() => void open(), RETRY_MS);
      };
    };
    void open();
    return () => {
      isOver = true;
      clearTimeout(timer);
      source?.close();
    };
  }, [userId]);
  return live;
}
