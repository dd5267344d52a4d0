/**
 * The stream of live counts, opened again with a fresh token when it breaks. Read by `fetch`, which
 * can send the token in a header: an EventSource would have to write it into the address.
 */
import { useEffect, useState } from 'preact/hooks';
import { call } from '../storefront/client/api.ts';
import { useCell } from '../storefront/client/cell.ts';
import { session } from '../storefront/client/session.ts';
import { eventsIn, type LiveCounts } from './reports.ts';

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
    const end = new AbortController();
    const follow = async () => {
      while (!end.signal.aborted) {
        await read(end.signal, (counts) =>
          setLive((before) => ({ counts: counts ?? before.counts, isConnected: true })),
        ).catch(() => undefined);
        setLive((before) => ({ ...before, isConnected: false }));
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    };
    void follow();
    return () => end.abort();
  }, [userId]);
  return live;
}

/** Until the stream ends. Tells each count, and at first `undefined`: it is open. */
async function read(
  signal: AbortSignal,
  told: (counts: LiveCounts | undefined) => void,
): Promise<void> {
  // Any call renews a token that is over; the stream then takes the renewed one.
  await call('GET', '/v1/me', { signal });
  const authorization = `Bearer ${session.get()?.accessToken}`;
  const answer = await fetch('/v1/analytics/stream', { signal, headers: { authorization } });
  if (!answer.ok || answer.body === null) return;
  told(undefined);

  let unread = '';
  const decoder = new TextDecoder();
  const reader = answer.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const { events, rest } = eventsIn(unread + decoder.decode(part.value, { stream: true }));
    unread = rest;
    for (const { event, data } of events) {
      if (event === 'counts') told(JSON.parse(data) as LiveCounts);
    }
  }
}
