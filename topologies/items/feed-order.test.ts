/** The last report of a feed is the same in whatever order its facts and lines come, repeated or not. */
import fc from 'fast-check';
import { type FeedReport, feedFacts, feedReports } from '#schemas/inbound';
import {
  type FeedId,
  type ItemCommand,
  type ItemId,
  itemCommands,
  type Sku,
  type SupplierId,
} from '#schemas/items';
import type { CommandId } from '#schemas/replies';
import { TopologyTestDriver } from '#streams/testing';
import { itemsTopology } from './topology.ts';

const feedId = 'feed_1' as FeedId;
const supplierId = 'acme' as SupplierId;

type Kind = 'good' | 'bad' | 'unreadable';
type Step = 'start' | 'end' | 'pause' | { readonly line: number; readonly kind: Kind };

/** Line 1 and the ninth are of one item: the second of them says what the shop has. */
function commandOf(line: number, kind: Kind): readonly [ItemId, ItemCommand] {
  const from = {
    commandId: `${feedId}:${line}` as CommandId,
    supplierId,
    source: { feedId, line },
  };
  if (kind === 'unreadable') {
    const key = `${feedId}:${line}` as ItemId;
    return [key, { type: 'RejectLine', ...from, reasons: ['no JSON'], raw: '{' }];
  }
  const sku = `sku-${line % 8}`;
  const offer = {
    sku: sku as Sku,
    title: kind === 'good' ? 'Tea' : '',
    description: '',
    brand: 'Acme',
    category: 'Grocery/Tea',
    attributes: {},
    price: { amount: 100, currency: 'INR' },
    weightGrams: 100,
    cashOnDelivery: true,
    imageUrl: null,
  };
  return [sku as ItemId, { type: 'OfferItem', ...from, offer }];
}

function lastReport(steps: readonly Step[], records: number, partitions: number) {
  const driver = new TopologyTestDriver(itemsTopology(), { partitions });
  const facts = driver.input(feedFacts);
  for (const step of steps) {
    if (step === 'start') {
      facts.pipe(feedId, { type: 'FeedStarted', supplierId, format: 'csv', at: 1 });
    } else if (step === 'end') {
      facts.pipe(feedId, { type: 'FeedEnded', records, bytes: 9, error: null, at: 2 });
    } else if (step === 'pause') {
      driver.advanceWallClock(500);
    } else {
      driver.input(itemCommands).pipe(...commandOf(step.line, step.kind));
    }
  }
  return driver.output(feedReports).values().at(-1);
}

const kinds = fc.array(fc.constantFrom<Kind>('good', 'bad', 'unreadable'), { maxLength: 12 });
const stories = kinds.chain((kinds) => {
  const lines = kinds.map((kind, index): Step => ({ line: index + 1, kind }));
  const once: Step[] = ['start', 'end', ...lines];
  const again = fc.array(fc.constantFrom<Step>('pause', ...lines), { maxLength: 8 });
  return fc.record({
    kinds: fc.constant(kinds),
    steps: again.chain((more) => {
      const all = [...once, ...more];
      return fc.shuffledSubarray(all, { minLength: all.length });
    }),
  });
});

test('the last report counts each line once and is done', () => {
  fc.assert(
    fc.property(stories, fc.constantFrom(1, 3), ({ kinds, steps }, partitions) => {
      const report = lastReport(steps, kinds.length, partitions) as FeedReport;
      const rejected = kinds.flatMap((kind, index) => (kind === 'good' ? [] : [index + 1]));
      const good = kinds.flatMap((kind, index) => (kind === 'good' ? [(index + 1) % 8] : []));
      const accepted = new Set(good).size;

      expect(report).toMatchObject({
        supplierId,
        status: 'done',
        records: kinds.length,
        accepted,
        unchanged: good.length - accepted,
        rejected: rejected.length,
      });
      expect(report.rejections.map(({ line }) => line)).toEqual(rejected);
    }),
  );
});
