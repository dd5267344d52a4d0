/** An empty list that says so kindly, with a way on. */
import { drawingOf } from '../art/drawings.tsx';
import { Link } from '../client/navigation.tsx';

export interface EmptyNoteProps {
  /** A category whose drawing is shown. */
  readonly kind: string;
  readonly title: string;
  readonly text: string;
}

export function EmptyNote({ kind, title, text }: EmptyNoteProps) {
  return (
    <div class="empty">
      <div class="picture is-small of-home paper-1">{drawingOf(kind)}</div>
      <h2>{title}</h2>
      <p>{text}</p>
      <Link class="button" href="/search">
        Look around
      </Link>
    </div>
  );
}
