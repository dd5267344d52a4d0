/** The addresses of the storefront. The server answers each of them with the same page. */
export const paths = [
  '/',
  '/search',
  '/items/:id',
  '/cart',
  '/sign-in',
  '/account',
  '/checkout',
  '/pay/:id',
  '/orders',
  '/orders/:id',
  '/wishlist',
  '/notifications',
] as const;

export type Path = (typeof paths)[number];

export interface Match {
  readonly path: Path;
  /** What stands for `:id`, decoded; empty when there is none. */
  readonly id: string;
}

/** Which page an address means; `undefined`: none. */
export function match(pathname: string): Match | undefined {
  const parts = pathname.replace(/\/+$/, '').split('/');
  for (const path of paths) {
    const wanted = path.replace(/\/+$/, '').split('/');
    if (wanted.length !== parts.length) continue;
    if (!wanted.every((part, at) => (part === ':id' ? parts[at] !== '' : part === parts[at]))) {
      continue;
    }
    const at = wanted.indexOf(':id');
    return { path, id: at < 0 ? '' : decoded(parts[at] ?? '') };
  }
  return undefined;
}

/** The address of a search; what is empty is left out. */
export function searchUrl(parameters: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) if (value) query.set(key, value);
  const text = query.toString();
  return text === '' ? '/search' : `/search?${text}`;
}

/** Where to go after signing in. Only within this shop: a link must not lead a member away. */
export function wayBack(next: string | null): string {
  return next?.startsWith('/') && !/^\/[/\\]/.test(next) ? next : '/';
}

/** A `%` that encodes nothing is left as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
