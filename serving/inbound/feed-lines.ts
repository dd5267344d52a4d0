/** What a feed holds, line by line: an offer, or why it is none. */
import type { ItemOffer } from '#schemas/items';
import { offerOf } from '../items/item-json.ts';
import { checkOffer } from './offer-check.ts';

export type FeedLine =
  | { readonly line: number; readonly offer: ItemOffer }
  | { readonly line: number; readonly reasons: readonly string[]; readonly raw: string };

const shownCharacters = 2_000;

export function offerLine(line: number, input: unknown, raw: string): FeedLine {
  const checked = checkOffer(input);
  if ('offer' in checked) return { line, offer: offerOf(checked.offer) };
  return rejectedLine(line, checked.reasons, raw);
}

export function rejectedLine(line: number, reasons: readonly string[], raw: string): FeedLine {
  // Half of a surrogate pair at the cut would not be text any more.
  const cut = raw.slice(0, shownCharacters).replace(/[\ud800-\udbff]$/, '');
  return { line, reasons, raw: cut };
}
