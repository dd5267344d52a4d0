/** The results of Nexmark's queries, each computed the plainest way. README.md defines them. */
import { type Auction, type Bid, bidSerde, type Person } from '../data/nexmark-events.ts';
import { type NexmarkSize, nexmarkEvents } from '../data/nexmark-generator.ts';
import { countRecords } from './bench-results.ts';
import type { ExpectedResult, ResultRecord } from './result.ts';

const windowMs = 10_000;
const advanceMs = 2_000;
const sessionGapMs = 10_000;
const near = ['OR', 'ID', 'CA'];
const wantedCategory = 10;

/** q1: every bid with its price in another currency. */
export function expectedCurrencyConversion(size: NexmarkSize): ExpectedResult {
  return { compared: 'every-record', records: converted(size) };
}

function* converted(size: NexmarkSize): Generator<ResultRecord> {
  for (const bid of bids(size)) {
    const price = Math.floor((bid.price * 908) / 1_000);
    yield { key: String(bid.auction), value: bidSerde.serialize({ ...bid, price }) };
  }
}

/** q3: who of the near states sells something of the wanted category. */
export function expectedLocalItems(size: NexmarkSize): ExpectedResult {
  const records: ResultRecord[] = [];
  for (const { seller, auction } of sales(size)) {
    if (!near.includes(seller.state) || auction.category !== wantedCategory) continue;
    const text = `${seller.name},${seller.city},${seller.state},${auction.id}`;
    records.push({ key: String(seller.id), value: Buffer.from(text) });
  }
  return { compared: 'every-record', records };
}

/** q5: the auction with most bids of each window; of several, the one with the smallest id. */
export function expectedHotItems(size: NexmarkSize): ExpectedResult {
  const windows = new Map<number, Map<number, number>>();
  for (const { timeMs, auction } of bids(size)) {
    const latest = timeMs - (timeMs % advanceMs);
    for (let startMs = latest; startMs > timeMs - windowMs; startMs -= advanceMs) {
      const counts = windows.get(startMs) ?? new Map<number, number>();
      counts.set(auction, (counts.get(auction) ?? 0) + 1);
      windows.set(startMs, counts);
    }
  }
  const records = [...windows].map(([startMs, counts]) => {
    const [hottest] = [...counts].sort(([a, ofA], [b, ofB]) => ofB - ofA || a - b);
    return { key: String(startMs), value: Buffer.from(String(hottest)) };
  });
  return { compared: 'newest-of-key', records };
}

/** q8: who opened an auction in the same tumbling window in which they came; once an auction. */
export function expectedNewSellers(size: NexmarkSize): ExpectedResult {
  const records: ResultRecord[] = [];
  for (const { seller, auction } of sales(size)) {
    const startMs = windowStart(seller.timeMs);
    if (startMs !== windowStart(auction.timeMs)) continue;
    records.push({ key: String(seller.id), value: Buffer.from(`${seller.name},${startMs}`) });
  }
  return { compared: 'every-record', records };
}

/** q11: the bids of each bidder in each session, which ends with a pause of more than the gap. */
export function expectedUserSessions(size: NexmarkSize): ExpectedResult {
  const counts = new Map<string, number>();
  for (const [bidder, times] of timesByBidder(size)) {
    let startMs = times[0] ?? 0;
    let endMs = startMs;
    for (const timeMs of times) {
      if (timeMs - endMs > sessionGapMs) startMs = timeMs;
      const before = counts.get(`${bidder}@${startMs}@${endMs}`) ?? 0;
      counts.delete(`${bidder}@${startMs}@${endMs}`);
      counts.set(`${bidder}@${startMs}@${timeMs}`, before + 1);
      endMs = timeMs;
    }
  }
  return { compared: 'newest-of-key', records: countRecords(counts) };
}

/** In order of time, as the generator is. */
function timesByBidder(size: NexmarkSize): Map<number, number[]> {
  const times = new Map<number, number[]>();
  for (const { bidder, timeMs } of bids(size)) {
    const held = times.get(bidder);
    if (held === undefined) times.set(bidder, [timeMs]);
    else held.push(timeMs);
  }
  return times;
}

function* bids(size: NexmarkSize): Generator<Bid> {
  for (const event of nexmarkEvents(size)) if (event.kind === 'bid') yield event.bid;
}

/** Every auction with who sells it. */
function* sales(
  size: NexmarkSize,
): Generator<{ readonly seller: Person; readonly auction: Auction }> {
  const persons = new Map<number, Person>();
  for (const event of nexmarkEvents(size)) {
    if (event.kind === 'person') persons.set(event.person.id, event.person);
    if (event.kind !== 'auction') continue;
    const { auction } = event;
    yield { seller: persons.get(auction.seller) as Person, auction };
  }
}

function windowStart(timeMs: number): number {
  return timeMs - (timeMs % windowMs);
}
