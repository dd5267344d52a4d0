/** Says so when this device has no network, and when it has one again. */
import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../client/announce.tsx';
import { useCell } from '../client/cell.ts';
import { isOnline } from '../client/network.ts';

export function OfflineNote() {
  const online = useCell(isOnline);
  const wasOnline = useRef(online);
  useEffect(() => {
    if (online && !wasOnline.current) announce('You are online again');
    wasOnline.current = online;
  }, [online]);
  if (online) return null;
  return (
    <p class="offline" role="alert">
      You are offline. What you see may be old; nothing is lost.
    </p>
  );
}
