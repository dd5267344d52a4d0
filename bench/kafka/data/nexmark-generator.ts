/**
 * Events of an auction house, after the Nexmark benchmark: of 50 events one is a person, three are
 * auctions and 46 are bids, in order of event time. Half of the bids go to a hot auction; three of
 * four sellers and bidders are a hot person.
 */
import type { DataSize, InputRecord } from './input-record.ts';
import {
  type Auction,
  auctionSerde,
  type Bid,
  bidSerde,
  type Person,
  personSerde,
} from './nexmark-events.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';

export type NexmarkEvent =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'auction'; readonly auction: Auction }
  | { readonly kind: 'bid'; readonly bid: Bid };

export type NexmarkSize = Pick<DataSize, 'records' | 'baseMs' | 'eventsPerSecond'>;

const cycle = { persons: 1, auctions: 3, events: 50 } as const;
const firstId = 1_000;
const firstCategory = 10;
const categories = 5;
/** Every so many persons or auctions there is a hot one. */
const hotEvery = 100;
/** Who acts is one of the newest persons; what is bid for, one of the newest auctions. */
const activePersons = 1_000;
const openAuctions = 100;
const auctionLivesMs = 20_000;
/** As large as Nexmark's events on average. */
const extraBytes = { person: 100, auction: 380, bid: 30 } as const;

const firstNames = ['Asha', 'Bram', 'Chidi', 'Dora', 'Emil', 'Farah', 'Goran', 'Hana'];
const lastNames = ['Iyer', 'Jansen', 'Kato', 'Lopez', 'Moreau', 'Nair', 'Okafor', 'Pohl'];
const places = [
  ['Phoenix', 'AZ'],
  ['Los Angeles', 'CA'],
  ['Boise', 'ID'],
  ['Portland', 'OR'],
  ['Seattle', 'WA'],
  ['Cheyenne', 'WY'],
] as const;
const channels = ['web', 'app', 'partner', 'phone'];

export function* nexmarkEvents({ records, baseMs, eventsPerSecond }: NexmarkSize): Generator<NexmarkEvent> {
  const random = seededRandom(20_260);
  const filler = Buffer.from(Array.from({ length: 4_096 }, () => 97 + random.below(26)));
  const extra = (length: number) => {
    const from = random.below(filler.length - length);
    return filler.toString('latin1', from, from + length);
  };
  for (let number = 0; number < records; number++) {
    const timeMs = baseMs + Math.floor((number * 1_000) / eventsPerSecond);
    const place = number % cycle.events;
    const happened = { cycles: Math.floor(number / cycle.events), place, timeMs };
    if (place < cycle.persons) yield { kind: 'person', person: person(happened, random, extra) };
    else if (place < cycle.persons + cycle.auctions)
      yield { kind: 'auction', auction: auction(happened, random, extra) };
    else yield { kind: 'bid', bid: bid(happened, random, extra) };
  }
}

/** Keyed by the id of the person, and of the auction for auctions and bids. */
export function* loadedNexmark(size: NexmarkSize): Generator<InputRecord> {
  for (const event of nexmarkEvents(size)) {
    switch (event.kind) {
      case 'person':
        yield asInput('persons', event.person.id, event.person, personSerde.serialize);
        break;
      case 'auction':
        yield asInput('auctions', event.auction.id, event.auction, auctionSerde.serialize);
        break;
      case 'bid':
        yield asInput('bids', event.bid.auction, event.bid, bidSerde.serialize);
    }
  }
}

function asInput<T extends { readonly timeMs: number }>(
  topic: string,
  id: number,
  event: T,
  serialize: (event: T) => Uint8Array,
): InputRecord {
  return { topic, key: String(id), value: serialize(event), timestampMs: event.timeMs };
}

/** How far the auction house is: whole cycles, and the place in this one. */
interface Happened {
  readonly cycles: number;
  readonly place: number;
  readonly timeMs: number;
}

type Extra = (length: number) => string;

function person({ cycles, timeMs }: Happened, random: SeededRandom, extra: Extra): Person {
  const [first, last] = [one(firstNames, random), one(lastNames, random)];
  const [city, state] = one(places, random);
  const digits = () => String(random.below(10_000)).padStart(4, '0');
  return {
    timeMs,
    id: firstId + cycles,
    name: `${first} ${last}`,
    email: `${first}.${last}@mail.example`.toLowerCase(),
    creditCard: `${digits()} ${digits()} ${digits()} ${digits()}`,
    city,
    state,
    extra: extra(extraBytes.person),
  };
}

function auction(happened: Happened, random: SeededRandom, extra: Extra): Auction {
  const { cycles, place, timeMs } = happened;
  const initialBid = price(random);
  return {
    timeMs,
    expiresMs: timeMs + 1 + random.below(auctionLivesMs),
    id: firstId + cycles * cycle.auctions + place - cycle.persons,
    seller: actingPerson(cycles, random),
    category: firstCategory + random.below(categories),
    initialBid,
    reserve: initialBid + price(random),
    itemName: extra(20),
    description: extra(60),
    extra: extra(extraBytes.auction),
  };
}

function bid({ cycles, timeMs }: Happened, random: SeededRandom, extra: Extra): Bid {
  const newest = cycles * cycle.auctions + cycle.auctions - 1;
  const auction =
    random.below(2) > 0 ? hot(newest) : newest - random.below(Math.min(openAuctions, newest + 1));
  const channel = one(channels, random);
  return {
    timeMs,
    auction: firstId + auction,
    bidder: actingPerson(cycles, random),
    price: price(random),
    channel,
    url: `https://${channel}.example/item?id=${firstId + auction}`,
    extra: extra(extraBytes.bid),
  };
}

function actingPerson(newest: number, random: SeededRandom): number {
  const index =
    random.below(4) > 0 ? hot(newest) : newest - random.below(Math.min(activePersons, newest + 1));
  return firstId + index;
}

function hot(newest: number): number {
  return newest - (newest % hotEvery);
}

/** Between 1 and 1,000,000 in the currency's unit, small ones far more often. */
function price(random: SeededRandom): number {
  return Math.round(10 ** (random.fraction() * 6) * 100);
}

function one<T>(values: readonly T[], random: SeededRandom): T {
  return values[random.below(values.length)] as T;
}
