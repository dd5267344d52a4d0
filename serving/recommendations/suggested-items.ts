/**
 * From what the batch jobs found to what a shopper can have: items that exist, are in stock and,
 * for a pincode, can be delivered there; filled up with what is popular now.
 */
import type { ItemId } from '#schemas/items';
import type { RecommendationKey } from '#schemas/recommendations';
import type { Pincode } from '#schemas/serviceability';
import type { Dependencies } from '../dependencies.ts';
import { unitsOf } from '../items/item-json.ts';
import { type StockedItem, stockedItems } from '../items/item-lookup.ts';
import { stockingWarehouses } from '../items/item-routes.ts';
import type { AskPart } from '../partial-answer.ts';
import { deliveryOf, destinationOf } from '../search/delivery.ts';

export type SuggestionPorts = Pick<Dependencies, 'views' | 'clock'>;

export interface Suggestion {
  readonly item: StockedItem;
  readonly reason: string;
}

export interface SuggestionRequest {
  /** Best source first. */
  readonly keys: readonly RecommendationKey[];
  readonly pincode?: Pincode | undefined;
  readonly limit: number;
  /** Not these: for instance the item whose page it is. */
  readonly except?: readonly ItemId[];
}

interface Candidate {
  readonly itemId: ItemId;
  readonly reason: string;
}

/** Looked at for one answer: some of them are sold out. */
const candidateLimit = 200;
const trendMs = 24 * 3_600_000;

export async function suggestions(
  ports: SuggestionPorts,
  { keys, pincode, limit, except = [] }: SuggestionRequest,
  ask: AskPart,
): Promise<Suggestion[]> {
  const candidates = await candidatesFor(ports, keys, ask);
  const reasons = new Map<ItemId, string>();
  for (const { itemId, reason } of candidates) {
    if (!reasons.has(itemId) && !except.includes(itemId)) reasons.set(itemId, reason);
  }
  const ids = [...reasons.keys()].slice(0, candidateLimit);
  const found = (await ask('items', () => stockedItems(ports.views, ids, ask))) ?? [];
  const isDeliverable = await deliverableTo(ports, pincode, ask);
  return found
    .filter((each) => isInStock(each) && isDeliverable(each))
    .slice(0, limit)
    .map((item) => ({ item, reason: reasons.get(item.item.id) ?? 'trending' }));
}

/** What nobody can look up at the moment gets the benefit of the doubt; a header says so. */
function isInStock({ level }: StockedItem): boolean {
  return level === 'unknown' || unitsOf(level) > 0;
}

async function candidatesFor(
  { views, clock }: SuggestionPorts,
  keys: readonly RecommendationKey[],
  ask: AskPart,
): Promise<Candidate[]> {
  const computed = await ask('recommendations', () =>
    Promise.all(keys.map((key) => views.recommendations.get(key))),
  );
  const fromMs = clock.nowMs() - trendMs;
  const live = await ask('analytics', () => views.analytics.trending(fromMs, candidateLimit));
  const trending = (live ?? []).map(({ itemId }) => ({ itemId, reason: 'trending' }));
  return [...(computed ?? []).flatMap((each) => each?.items ?? []), ...trending];
}

async function deliverableTo(
  { views, clock }: SuggestionPorts,
  pincode: Pincode | undefined,
  ask: AskPart,
): Promise<(each: StockedItem) => boolean> {
  if (pincode === undefined) return () => true;
  const to = await ask('serviceability', () => destinationOf(views.serviceability, pincode));
  if (to === undefined) return () => true;
  const nowMs = clock.nowMs();
  return ({ item, level }) => {
    if (level === 'unknown') return true;
    const parcel = { ...item, warehouseIds: stockingWarehouses(level) };
    return deliveryOf(parcel, to, nowMs).deliverable;
  };
}
