/**
 * What Nexmark's auction house is about, and its bytes: numbers in big-endian, then texts of UTF-8,
 * each behind two bytes of length. README.md has the layout; Person.java and its neighbours are the
 * same for Kafka Streams.
 */
import type { Serde } from '#streams';
import { ByteReader, ByteWriter, textBytes } from './byte-cursor.ts';

/** Somebody who sells and bids. */
export interface Person {
  readonly timeMs: number;
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly creditCard: string;
  readonly city: string;
  readonly state: string;
  readonly extra: string;
}

/** Something to bid for. Money is in cents. */
export interface Auction {
  readonly timeMs: number;
  readonly expiresMs: number;
  readonly id: number;
  readonly seller: number;
  readonly category: number;
  readonly initialBid: number;
  readonly reserve: number;
  readonly itemName: string;
  readonly description: string;
  readonly extra: string;
}

/** An offer, in cents. */
export interface Bid {
  readonly timeMs: number;
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly extra: string;
}

/** How many bids an auction had in a window: what q5 sends from its count to its maximum. */
export interface AuctionCount {
  readonly auction: number;
  readonly count: number;
}

export const personSerde: Serde<Person> = {
  serialize: ({ timeMs, id, name, email, creditCard, city, state, extra }) =>
    new ByteWriter(12 + textBytes(name, email, creditCard, city, state, extra))
      .long(timeMs)
      .int(id)
      .text(name)
      .text(email)
      .text(creditCard)
      .text(city)
      .text(state)
      .text(extra).bytes,
  deserialize: (bytes) => {
    const reader = new ByteReader(bytes);
    return {
      timeMs: reader.long(),
      id: reader.int(),
      name: reader.text(),
      email: reader.text(),
      creditCard: reader.text(),
      city: reader.text(),
      state: reader.text(),
      extra: reader.text(),
    };
  },
};

export const auctionSerde: Serde<Auction> = {
  serialize: (auction) =>
    new ByteWriter(36 + textBytes(auction.itemName, auction.description, auction.extra))
      .long(auction.timeMs)
      .long(auction.expiresMs)
      .int(auction.id)
      .int(auction.seller)
      .int(auction.category)
      .int(auction.initialBid)
      .int(auction.reserve)
      .text(auction.itemName)
      .text(auction.description)
      .text(auction.extra).bytes,
  deserialize: (bytes) => {
    const reader = new ByteReader(bytes);
    return {
      timeMs: reader.long(),
      expiresMs: reader.long(),
      id: reader.int(),
      seller: reader.int(),
      category: reader.int(),
      initialBid: reader.int(),
      reserve: reader.int(),
      itemName: reader.text(),
      description: reader.text(),
      extra: reader.text(),
    };
  },
};

export const bidSerde: Serde<Bid> = {
  serialize: ({ timeMs, auction, bidder, price, channel, url, extra }) =>
    new ByteWriter(20 + textBytes(channel, url, extra))
      .long(timeMs)
      .int(auction)
      .int(bidder)
      .int(price)
      .text(channel)
      .text(url)
      .text(extra).bytes,
  deserialize: (bytes) => {
    const reader = new ByteReader(bytes);
    return {
      timeMs: reader.long(),
      auction: reader.int(),
      bidder: reader.int(),
      price: reader.int(),
      channel: reader.text(),
      url: reader.text(),
      extra: reader.text(),
    };
  },
};

export const auctionCountSerde: Serde<AuctionCount> = {
  serialize: ({ auction, count }) => new ByteWriter(12).int(auction).long(count).bytes,
  deserialize: (bytes) => {
    const reader = new ByteReader(bytes);
    return { auction: reader.int(), count: reader.long() };
  },
};
