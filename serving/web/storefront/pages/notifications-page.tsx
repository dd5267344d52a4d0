/** What the shop told this member. */
import { useEffect } from 'preact/hooks';
import { moment } from '../client/format.ts';
import { Link, useTitle } from '../client/navigation.tsx';
import { markRead } from '../client/news.ts';
import { usePages } from '../client/use-pages.ts';
import type { Notification } from '../client/wire.ts';
import { EmptyNote } from '../parts/empty-note.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';

export function NotificationsPage() {
  useTitle('News');
  const { entries, error, reload, more } = usePages<'notifications', Notification>(
    '/v1/notifications',
    'notifications',
  );
  useEffect(() => {
    if (entries) markRead(entries);
  }, [entries?.length]);
  return (
    <div class="page is-narrow">
      <h1>News</h1>
      {error && <ProblemNote problem={error} retry={reload} />}
      {!entries && !error && <p class="waiting">Fetching your news …</p>}
      {entries?.length === 0 && (
        <EmptyNote kind="" title="No news" text="We write when something happens to an order." />
      )}
      <ul class="news">
        {entries?.map((entry) => (
          <li key={entry.id}>
            <strong>{entry.title}</strong>
            <p>{entry.body}</p>
            <p class="quiet">
              {moment(entry.at)}
              {entry.orderId && (
                <>
                  {' · '}
                  <Link href={`/orders/${encodeURIComponent(entry.orderId)}`}>To the order</Link>
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
      {more && (
        <button type="button" class="button is-quiet" onClick={more}>
          Show more
        </button>
      )}
    </div>
  );
}
