/** An item's picture: the supplier's, or a drawing of its kind on paper of its own colour. */
import { drawingOf } from '../art/drawings.tsx';
import { department } from '../client/format.ts';

export interface ItemPictureProps {
  readonly category: string;
  readonly sku: string;
  readonly imageUrl?: string | null;
  readonly size?: 'card' | 'large' | 'small';
}

/** So many papers are in the style sheet. */
const PAPERS = 4;

/** Beside a title that says the same, so it is silent. */
export function ItemPicture({ category, sku, imageUrl, size = 'card' }: ItemPictureProps) {
  const place = department(category).toLowerCase();
  const paper = [...sku].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % PAPERS;
  return (
    <div class={`picture is-${size} of-${place} paper-${paper}`}>
      {imageUrl ? <img src={imageUrl} alt="" loading="lazy" /> : drawingOf(category)}
    </div>
  );
}
