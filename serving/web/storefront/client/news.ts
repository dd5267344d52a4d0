/** How much of what the shop told this member is new. The shop keeps no such mark, so the browser does. */
import { useEffect } from 'preact/hooks';
import { call } from './api.ts';
import { cell, keptCell, useCell } from './cell.ts';
import { isGuest, session } from './session.ts';
import type { Notification } from './wire.ts';

/** The time of the newest that was read, by user. */
const readUpTo = keptCell<Readonly<Record<string, string>>>('millrace.news-read', {});

const latest = cell<readonly Notification[]>([]);

/** One page is looked at: more than this is shown as `9+` anyway. */
const LOOKED_AT = 10;
const EVERY_MS = 10_000;

export async function loadNews(): Promise<void> {
  if (isGuest(session.get())) return latest.set([]);
  const path = `/v1/notifications?limit=${LOOKED_AT}`;
  const answer = await call<{ notifications: readonly Notification[] }>('GET', path);
  latest.set(answer.notifications);
}

/** Asks now and then while the page is seen. News are an extra: failing to ask changes nothing. */
export function useUnreadNews(): number {
  const who = useCell(session);
  const userId = who?.userId ?? '';
  const read = useCell(readUpTo)[userId] ?? '';
  useEffect(() => {
    const ask = () => {
      if (!document.hidden) loadNews().catch(() => undefined);
    };
    ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => clearInterval(timer);
  }, [userId]);
  return useCell(latest).filter(({ at }) => at > read).length;
}

/** What is shown on the page of news is read. */
export function markRead(shown: readonly Notification[]): void {
  const newest = shown.reduce((at, entry) => (entry.at > at ? entry.at : at), '');
  const userId = session.get()?.userId;
  const known = readUpTo.get();
  if (userId === undefined || newest <= (known[userId] ?? '')) return;
  // Of this user only: a shared browser keeps no list of who was here.
  readUpTo.set({ [userId]: newest });
}
