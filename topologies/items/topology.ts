/**
 * Items: takes what suppliers offer, or says what is wrong with it.
 *
 *   items.commands ──▶ decide-items ──┬──▶ items.state
 *                         │  ▲        ├──▶ commands.replies
 *                         ▼  │        ├──▶ items.events ──▶ items.dead-letters
 *                       listings      │
 *                                     └──▶ (by feed) ──▶ report-feeds ──▶ inbound.feed-reports
 *   inbound.feeds ─────────────────────────────────────────▲
 */
import { feedFacts, feedReports } from '#schemas/inbound';
import {
  FeedId,
  type ItemEvent,
  ItemId,
  type ItemRejected,
  itemCommands,
  itemEvents,
  itemRejects,
  items,
} from '#schemas/items';
import { commandReplies } from '#schemas/replies';
import { keyValueStore, StreamsBuilder, type Topology } from '#streams';
import { LineOutcome, lineOutcomesOf } from './feed-report.ts';
import { decide, Listing, neverListed } from './listing.ts';
import { reportFeeds } from './report-feeds.ts';

export interface ItemsTopologyOptions {
  /** The shop's currency, ISO 4217: an offer in another is rejected. @defaultValue `'INR'` */
  readonly currency?: string;
}

const listings = keyValueStore('listings', { key: ItemId, value: Listing });

export function itemsTopology({ currency = 'INR' }: ItemsTopologyOptions = {}): Topology {
  const builder = new StreamsBuilder();

  const decisions = builder.stream(itemCommands).processValues('decide-items', {
    stores: { listings },
    process: ({ key: itemId, value: command, timestampMs: atMs }, { listings }) => {
      const listing = listings.get(itemId) ?? neverListed;
      const decision = decide(listing, command, { itemId, atMs, currency });
      listings.put(itemId, decision.listing);
      return [decision];
    },
  });

  decisions.flatMapValues(({ change }) => (change ? [change.item] : [])).to(items);
  decisions.flatMapValues(({ reply }) => (reply ? [reply] : [])).to(commandReplies);

  const events = decisions.flatMapValues(({ events }) => events);
  events.to(itemEvents);
  events.filter(isRejection).to(itemRejects);

  const outcomes = events
    .flatMap(({ value }) => lineOutcomesOf(value))
    .repartition('feed-lines', { key: FeedId, value: LineOutcome });
  builder.stream(feedFacts).merge(outcomes).process('report-feeds', reportFeeds).to(feedReports);

  return builder.build();
}

function isRejection(event: ItemEvent): event is ItemRejected {
  return event.type === 'ItemRejected';
}
