/** Nexmark's queries; README.md defines their results, NexmarkQueries.java is their twin. */
import {
  hoppingWindows,
  joinWindows,
  longSerde,
  StreamsBuilder,
  sessionWindows,
  stringSerde,
  type Topology,
  topic,
} from '#streams';
import {
  type Auction,
  type AuctionCount,
  auctionCountSerde,
  auctionSerde,
  bidSerde,
  type Person,
  personSerde,
} from '../data/nexmark-events.ts';
import { outputTopic, type ProgramTopics, readInput } from './topologies.ts';

const windowMs = 10_000;
const advanceMs = 2_000;
/** A repartition topic mixes what its writers send: no record is late, so results are exact. */
const wholeRunMs = 24 * 60 * 60 * 1_000;
const near = new Set(['OR', 'ID', 'CA']);
const wantedCategory = 10;

export const nexmarkQueries: Readonly<Record<string, (topics: ProgramTopics) => Topology>> = {
  /** Every bid with its price in another currency. */
  'nexmark-q1'(topics) {
    const builder = new StreamsBuilder();
    readInput(builder, topics, 'bids', bidSerde)
      .mapValues((bid) => ({ ...bid, price: Math.floor((bid.price * 908) / 1_000) }))
      .to(outputTopic(topics, bidSerde));
    return builder.build();
  },

  /** Who of the near states sells something of the wanted category. */
  'nexmark-q3'(topics) {
    const builder = new StreamsBuilder();
    const persons = topic(`${topics.prefix}persons`, { key: stringSerde, value: personSerde });
    const nearby = builder.table(persons, 'persons').filter(({ state }) => near.has(state));
    readInput(builder, topics, 'auctions', auctionSerde)
      .filter(({ category }) => category === wantedCategory)
      .selectKey(({ seller }) => String(seller))
      .repartition('by-seller', { key: stringSerde, value: auctionSerde })
      .join(nearby, localItem)
      .to(outputTopic(topics, stringSerde));
    return builder.build();
  },

  /** The auction with most bids of each window. */
  'nexmark-q5'(topics) {
    const builder = new StreamsBuilder();
    readInput(builder, topics, 'bids', bidSerde)
      .groupByKey('by-auction')
      .windowedBy(hoppingWindows({ sizeMs: windowMs, advanceMs }))
      .count('bids-by-auction')
      .toStream()
      .map(({ key: { key, window }, value }) => ({
        key: String(window.startMs),
        value: { auction: Number(key), count: value ?? 0 },
      }))
      .groupByKey('by-window', { key: stringSerde, value: auctionCountSerde })
      .reduce('hottest', hotter, { value: auctionCountSerde })
      .toStream()
      .mapValues((hottest) => hottest && `${hottest.auction},${hottest.count}`)
      .to(outputTopic(topics, stringSerde));
    return builder.build();
  },

  /** Who opened an auction in the window in which they came. */
  'nexmark-q8'(topics) {
    const builder = new StreamsBuilder();
    const bySeller = readInput(builder, topics, 'auctions', auctionSerde)
      .selectKey(({ seller }) => String(seller))
      .repartition('by-seller', { key: stringSerde, value: auctionSerde });
    readInput(builder, topics, 'persons', personSerde)
      .joinStream('new-sellers', bySeller, {
        windows: joinWindows({ beforeMs: windowMs, afterMs: windowMs, graceMs: wholeRunMs }),
        join: newSeller,
      })
      .filter((seller) => seller !== undefined)
      .to(outputTopic(topics, stringSerde));
    return builder.build();
  },

  /** The bids of each bidder in each session. */
  'nexmark-q11'(topics) {
    const builder = new StreamsBuilder();
    readInput(builder, topics, 'bids', bidSerde)
      .groupBy('by-bidder', ({ bidder }) => String(bidder), { key: stringSerde, value: bidSerde })
      .windowedBy(sessionWindows({ inactivityGapMs: windowMs, graceMs: wholeRunMs }))
      .count('sessions')
      .toStream()
      .map(({ key: { key, window }, value }) => ({
        key: `${key}@${window.startMs}@${window.endMs}`,
        value,
      }))
      .to(outputTopic(topics, longSerde));
    return builder.build();
  },
};

/** `undefined` when the auction was not opened in the same tumbling window. */
function newSeller(person: Person, auction: Auction): string | undefined {
  const startMs = windowStart(person.timeMs);
  return startMs === windowStart(auction.timeMs) ? `${person.name},${startMs}` : undefined;
}

function windowStart(timeMs: number): number {
  return timeMs - (timeMs % windowMs);
}

function localItem({ id }: Auction, { name, city, state }: Person): string {
  return `${name},${city},${state},${id}`;
}

/** Of more bids, or as many and the smaller id: the order of arrival makes no difference. */
function hotter(one: AuctionCount, other: AuctionCount): AuctionCount {
  if (one.count !== other.count) return one.count > other.count ? one : other;
  return one.auction <= other.auction ? one : other;
}
