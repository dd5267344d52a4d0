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
): Promise<Suggestion[]> {
  const candidates = await candidatesFor(ports, keys);
  const reasons = new Map<ItemId, string>();
  for (const { itemId, reason } of candidates) {
    if (!reasons.has(itemId) && !except.includes(itemId)) reasons.set(itemId, reason);
  }
  const ids = [...reasons.keys()].slice(0, candidateLimit);
  const found = await stockedItems(ports.views, ids);
  const isDeliverable = await deliverableTo(ports, pincode);
  return found
    .filter((each) => unitsOf(each.level) > 0 && isDeliverable(each))
    .slice(0, limit)
    .map((item) => ({ item, reason: reasons.get(item.item.id) ?? 'trending' }));
}

async function candidatesFor(
  { views, clock }: SuggestionPorts,
  keys: readonly RecommendationKey[],
): Promise<Candidate[]> {
  const computed = await Promise.all(keys.map((key) => views.recommendations.get(key)));
  const live = await views.analytics.trending(clock.nowMs() - trendMs, candidateLimit);
  const trending = live.map(({ itemId }) => ({ itemId, reason: 'trending' }));
  return [...computed.flatMap((each) => each?.items ?? []), ...trending];
}

async function deliverableTo(
  { views, clock }: SuggestionPorts,
  pincode: Pincode | undefined,
): Promise<(each: StockedItem) => boolean> {
  if (pincode === undefined) return () => true;
  const to = await destinationOf(views.serviceability, pincode);
  const nowMs = clock.nowMs();
  return ({ item, level }) => {
    const parcel = { ...item, warehouseIds: stockingWarehouses(level) };
    return deliveryOf(parcel, to, nowMs).deliverable;
  };
}
