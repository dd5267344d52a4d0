/** Moving between pages without loading the document again; addresses stay real ones. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { cell } from './cell.ts';

export interface Place {
  readonly pathname: string;
  readonly query: URLSearchParams;
  /** Told apart from a change of query only, which keeps the focus where it is. */
  readonly isNewPage: boolean;
}

export const place = cell<Place>(here(false));

addEventListener('popstate', () => place.set(here(true)));

function here(isNewPage: boolean): Place {
  const { pathname, search } = location;
  return { pathname, query: new URLSearchParams(search), isNewPage };
}

export function navigate(url: string, options: { readonly replace?: boolean } = {}): void {
  const before = location.pathname;
  if (options.replace) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  const isNewPage = location.pathname !== before;
  if (isNewPage) scrollTo(0, 0);
  place.set(here(isNewPage));
}

export interface LinkProps {
  readonly href: string;
  readonly class?: string;
  readonly label?: string | undefined;
  readonly current?: boolean;
  readonly children?: ComponentChildren;
}

/** A real link: it opens in a new tab, is copied and read out like any other. */
export function Link({ href, class: className, label, current, children }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
      return;
    }
    event.preventDefault();
    navigate(href);
  };
  return (
    <a
      href={href}
      class={className}
      aria-label={label}
      aria-current={current ? 'page' : undefined}
      onClick={follow}
    >
      {children}
    </a>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Millrace' : `${title} · Millrace`;
  }, [title]);
}
