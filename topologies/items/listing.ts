/**
 * The rules of items: which offer, patch or delisting is taken, and what the shop lists then. Pure.
 *
 * An item belongs to the supplier who first listed it, also after a delisting; the shop itself
 * (`shopSupplierId`) may change every item and takes none over.
 */
import {
  Item,
  type ItemCommand,
  type ItemEvent,
  type ItemId,
  type ItemOffer,
  type ItemRejected,
  itemIdOf,
  type OfferItem,
  type PatchItem,
  shopSupplierId,
} from '#schemas/items';
import type { CommandReply } from '#schemas/replies';
import { avro, type Decoded } from '#streams';
import { accepted, answerBefore, CommandMemory, rejected, remember } from '../command-memory.ts';
import { type Fault, faultsOf } from './offer-faults.ts';

/** All that is known of an item id. */
export const Listing = avro.record('Listing', {
  /** As it is listed, or as it was when it was delisted; `null` when it never was. */
  item: avro.nullable(Item),
  isListed: avro.boolean,
  memory: CommandMemory,
});
export interface Listing extends Decoded<typeof Listing> {}

export const neverListed: Listing = { item: null, isListed: false, memory: [] };

export interface Decision {
  readonly listing: Listing;
  readonly events: readonly ItemEvent[];
  /** What the item is now; `undefined`: it was delisted; absent: as before. */
  readonly change?: { readonly item: Item | undefined };
  /** `undefined` for a line of a feed: the feed's report is the answer. */
  readonly reply: CommandReply | undefined;
}

export interface Circumstances {
  readonly itemId: ItemId;
  /** When the command was given. */
  readonly atMs: number;
  /** The shop's currency. */
  readonly currency: string;
}

export function decide(
  listing: Listing,
  command: ItemCommand,
  circumstances: Circumstances,
): Decision {
  const before = answerBefore(listing.memory, command.commandId);
  if (before) {
    return { listing, events: [], reply: feedLineOf(command) === null ? before : undefined };
  }
  const outcome = outcomeOf(listing, command, circumstances);
  const memory = remember(listing.memory, outcome.reply);
  const reply = feedLineOf(command) === null ? outcome.reply : undefined;
  return { ...outcome, listing: { ...outcome.listing, memory }, reply };
}

type Outcome = Decision & { readonly reply: CommandReply };

function outcomeOf(listing: Listing, command: ItemCommand, circumstances: Circumstances): Outcome {
  switch (command.type) {
    case 'OfferItem':
      return offer(listing, command, circumstances);
    case 'PatchItem':
      return patch(listing, command, circumstances);
    case 'DelistItem':
      return delist(listing, command, circumstances);
    case 'RejectLine': {
      const faults = command.reasons.map((reason) => ({ field: '', reason }));
      return refuse(listing, command, circumstances, { code: 'line-unreadable', faults });
    }
  }
}

function offer(listing: Listing, command: OfferItem, circumstances: Circumstances): Outcome {
  const { itemId, currency } = circumstances;
  const refusal = ownershipRefusal(listing, command);
  if (refusal) return refuse(listing, command, circumstances, refusal);

  const faults = faultsOf(command.offer, currency);
  if (itemIdOf(command.offer.sku) !== itemId) {
    const reason = `sku is '${command.offer.sku}': give '${itemId}', the item that is offered`;
    faults.push({ field: 'sku', reason });
  }
  if (faults.length > 0) {
    return refuse(listing, command, circumstances, { code: 'item-invalid', faults });
  }
  return list(listing, command, command.offer, circumstances);
}

function patch(listing: Listing, command: PatchItem, circumstances: Circumstances): Outcome {
  const refusal =
    absenceRefusal(listing, circumstances) ??
    ownershipRefusal(listing, command) ??
    versionRefusal(listing, command);
  if (refusal || listing.item === null) {
    return refuse(listing, command, circumstances, refusal ?? unknownItem(circumstances));
  }
  const patched = patchedOffer(listing.item, command);
  const faults = faultsOf(patched, circumstances.currency);
  if (faults.length > 0) {
    return refuse(listing, command, circumstances, { code: 'item-invalid', faults });
  }
  return list(listing, command, patched, circumstances);
}

function patchedOffer(item: Item, command: PatchItem): ItemOffer {
  return {
    sku: item.sku,
    title: command.title ?? item.title,
    description: command.description ?? item.description,
    brand: command.brand ?? item.brand,
    category: command.category ?? item.category,
    attributes: command.attributes ?? item.attributes,
    price: command.price ?? item.price,
    weightGrams: command.weightGrams ?? item.weightGrams,
    cashOnDelivery: command.cashOnDelivery ?? item.cashOnDelivery,
    imageUrl: command.imageUrl ?? item.imageUrl,
  };
}

function list(
  listing: Listing,
  command: OfferItem | PatchItem,
  offer: ItemOffer,
  { itemId, atMs }: Circumstances,
): Outcome {
  const { item: before, isListed } = listing;
  const source = feedLineOf(command);
  const changedFields = before && isListed ? differences(before, offer) : [];
  if (before && isListed && changedFields.length === 0) {
    const { version } = before;
    return {
      listing,
      events: [{ type: 'ItemUnchanged', itemId, source, version }],
      reply: accepted(command.commandId, version),
    };
  }

  const version = (before?.version ?? 0) + 1;
  const item: Item = {
    ...offer,
    id: itemId,
    supplierId: before?.supplierId ?? command.supplierId,
    version,
    listedAt: before && isListed ? before.listedAt : atMs,
    updatedAt: atMs,
  };
  const event: ItemEvent =
    before && isListed
      ? {
          type: 'ItemChanged',
          itemId,
          source,
          version,
          changedFields,
          priceBefore: before.price,
          priceAfter: item.price,
        }
      : { type: 'ItemListed', itemId, source, version };
  return {
    listing: { ...listing, item, isListed: true },
    events: [event],
    change: { item },
    reply: accepted(command.commandId, version),
  };
}

function delist(
  listing: Listing,
  command: ItemCommand & { type: 'DelistItem' },
  circumstances: Circumstances,
): Outcome {
  const { item } = listing;
  const refusal = absenceRefusal(listing, circumstances) ?? ownershipRefusal(listing, command);
  if (refusal || item === null) {
    return refuse(listing, command, circumstances, refusal ?? unknownItem(circumstances));
  }
  const version = item.version + 1;
  return {
    listing: { ...listing, item: { ...item, version }, isListed: false },
    events: [{ type: 'ItemDelisted', itemId: circumstances.itemId, version }],
    change: { item: undefined },
    reply: accepted(command.commandId, version),
  };
}

interface Refusal {
  readonly code: string;
  readonly faults: readonly Fault[];
}

function absenceRefusal(listing: Listing, circumstances: Circumstances): Refusal | undefined {
  return listing.isListed ? undefined : unknownItem(circumstances);
}

function unknownItem({ itemId }: Circumstances): Refusal {
  const reason = `item '${itemId}' is not listed: offer it first`;
  return { code: 'item-unknown', faults: [{ field: 'id', reason }] };
}

function ownershipRefusal(
  { item }: Listing,
  { supplierId }: { readonly supplierId: string },
): Refusal | undefined {
  if (item === null || supplierId === item.supplierId || supplierId === shopSupplierId) {
    return undefined;
  }
  const reason = `sku '${item.sku}' is listed by another supplier: offer it under a SKU of your own`;
  return { code: 'item-of-another-supplier', faults: [{ field: 'sku', reason }] };
}

function versionRefusal({ item }: Listing, command: PatchItem): Refusal | undefined {
  const { expectedVersion } = command;
  if (item === null || expectedVersion === null || expectedVersion === item.version)
    return undefined;
  const reason = `the item has version ${item.version}, not ${expectedVersion}: read it again`;
  return { code: 'version-conflict', faults: [{ field: 'version', reason }] };
}

function refuse(
  listing: Listing,
  command: ItemCommand,
  { itemId }: Circumstances,
  { code, faults }: Refusal,
): Outcome {
  const event: ItemRejected = {
    type: 'ItemRejected',
    itemId,
    supplierId: command.supplierId,
    source: feedLineOf(command),
    reasons: faults.map(({ reason }) => reason),
    raw: rawOf(command),
  };
  const message = event.reasons.join('; ');
  const details = faults.map(({ field, reason }) => ({ field, reason }));
  const version = listing.item?.version ?? 0;
  return {
    listing,
    events: [event],
    reply: rejected(command.commandId, version, { code, message, details }),
  };
}

/** Where in a feed the command stood; `null` when it came through the items API. */
function feedLineOf(command: ItemCommand): OfferItem['source'] {
  return command.type === 'OfferItem' || command.type === 'RejectLine' ? command.source : null;
}

function rawOf(command: ItemCommand): string {
  const longest = 2_000;
  switch (command.type) {
    case 'RejectLine':
      return command.raw.slice(0, longest);
    case 'OfferItem':
      return JSON.stringify(command.offer).slice(0, longest);
    case 'PatchItem':
    case 'DelistItem':
      return JSON.stringify(command).slice(0, longest);
  }
}

/** The fields of the offer in which the item differs from it. */
function differences(item: Item, offer: ItemOffer): string[] {
  const fields = Object.keys(offer) as (keyof ItemOffer)[];
  return fields.filter((field) => !isSame(item[field], offer[field]));
}

/** Equal values of an offer's field: a word, a number, or a flat record of them in any order. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const left = Object.entries(a);
  const right = b as Readonly<Record<string, unknown>>;
  return (
    left.length === Object.keys(right).length &&
    left.every(([key, value]) => Object.hasOwn(right, key) && right[key] === value)
  );
}
