/** A list that comes in pages: the first at once, each further one when asked for. */
import { useState } from 'preact/hooks';
import { call, type Refused } from './api.ts';
import { asRefused, useLoad } from './use-load.ts';

export interface Pages<Entry> {
  readonly entries: readonly Entry[] | undefined;
  readonly error: Refused | undefined;
  readonly reload: () => void;
  /** `undefined`: there is no more. */
  readonly more: (() => void) | undefined;
}

interface Further<Entry> {
  /** The first page that these follow: they are dropped when it is loaded anew. */
  readonly after: object;
  readonly entries: readonly Entry[];
  readonly nextCursor: string | null;
}

type Page<Name extends string, Entry> = { readonly [name in Name]: readonly Entry[] } & {
  readonly nextCursor: string | null;
};

export function usePages<Name extends string, Entry>(path: string, name: Name): Pages<Entry> {
  const first = useLoad(path, (signal) => call<Page<Name, Entry>>('GET', path, { signal }));
  const [further, setFurther] = useState<Further<Entry>>();
  const [error, setError] = useState<Refused>();
  const page = first.value;
  const added = page !== undefined && further?.after === page ? further : undefined;
  const cursor = added === undefined ? (page?.nextCursor ?? null) : added.nextCursor;

  const more = async (after: Page<Name, Entry>, from: string) => {
    try {
      const answer = await call<Page<Name, Entry>>(
        'GET',
        `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(from)}`,
      );
      const entries = [...(added?.entries ?? []), ...answer[name]];
      setFurther({ after, entries, nextCursor: answer.nextCursor });
    } catch (refused) {
      setError(asRefused(refused));
    }
  };
  return {
    entries: page && [...page[name], ...(added?.entries ?? [])],
    error: first.error ?? error,
    reload: first.reload,
    more: page && cursor !== null ? () => void more(page, cursor) : undefined,
  };
}
