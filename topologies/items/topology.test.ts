import { readFileSync } from 'node:fs';
import { type FeedReport, feedFacts, feedReports } from '#schemas/inbound';
import {
  type FeedId,
  type Item,
  type ItemCommand,
  type ItemId,
  type ItemOffer,
  itemCommands,
  itemEvents,
  itemRejects,
  items,
  type OfferItem,
  type Sku,
  type SupplierId,
  shopSupplierId,
} from '#schemas/items';
import { type CommandId, type CommandReply, commandReplies } from '#schemas/replies';
import { input, scenario, TopologyTestDriver } from '#streams/testing';
import { itemsTopology } from './topology.ts';

const tea = 'TEA-250' as ItemId;
const acme = 'acme' as SupplierId;
const feedId = 'feed_1' as FeedId;

const teaOffer: ItemOffer = {
  sku: 'TEA-250' as Sku,
  title: 'Darjeeling tea, 250 g',
  description: 'First flush',
  brand: 'Acme',
  category: 'Grocery/Tea',
  attributes: { leaf: 'whole', origin: 'Darjeeling' },
  price: { amount: 49_900, currency: 'INR' },
  weightGrams: 300,
  cashOnDelivery: true,
  imageUrl: null,
};

const teaItem: Item = {
  ...teaOffer,
  id: tea,
  supplierId: acme,
  version: 1,
  listedAt: 1_000,
  updatedAt: 1_000,
};

let lastId = 0;
function give(key: ItemId, atMs: number, command: object) {
  lastId += 1;
  const value = { commandId: `c${lastId}`, supplierId: acme, ...command } as ItemCommand;
  return input(itemCommands, key, value, atMs);
}

const offer = (
  of: Partial<ItemOffer> = {},
  { atMs = 1_000, ...command }: { atMs?: number } & Partial<OfferItem> = {},
) =>
  give(tea, atMs, { type: 'OfferItem', source: null, offer: { ...teaOffer, ...of }, ...command });

const patch = (of: object, atMs = 2_000) =>
  give(tea, atMs, {
    type: 'PatchItem',
    expectedVersion: null,
    title: null,
    description: null,
    brand: null,
    category: null,
    attributes: null,
    price: null,
    weightGrams: null,
    cashOnDelivery: null,
    imageUrl: null,
    ...of,
  });

const delist = (of: object = {}, atMs = 3_000) => give(tea, atMs, { type: 'DelistItem', ...of });

const accepted = (commandId: string, version: number): CommandReply => ({
  commandId: commandId as CommandId,
  outcome: 'accepted',
  version,
  code: null,
  message: null,
  details: [],
});

const id = (commandId: string) => ({ commandId: commandId as CommandId });

test('the topology is as written down', () => {
  const written = readFileSync(new URL('./topology.txt', import.meta.url), 'utf8');
  expect(itemsTopology().describe()).toBe(written);
});

test('lists what a supplier offers', () => {
  scenario(itemsTopology())
    .when(offer({}, id('o1')))
    .thenEmitsRecords(items, [[tea, teaItem]])
    .thenEmits(itemEvents, [{ type: 'ItemListed', itemId: tea, source: null, version: 1 }])
    .thenEmitsRecords(commandReplies, [[tea, accepted('o1', 1)]]);
});

test('takes a new version when the offer changes, and says what changed', () => {
  const price = { amount: 45_000, currency: 'INR' };
  scenario(itemsTopology())
    .given(offer())
    .when(offer({ price, title: 'Darjeeling' }, { atMs: 2_000 }))
    .thenEmits(items, [{ ...teaItem, price, title: 'Darjeeling', version: 2, updatedAt: 2_000 }])
    .thenEmits(itemEvents, [
      {
        type: 'ItemChanged',
        itemId: tea,
        source: null,
        version: 2,
        changedFields: ['title', 'price'],
        priceBefore: teaItem.price,
        priceAfter: price,
      },
    ]);
});

test('takes no new version when the offer says what the shop has, in whatever order', () => {
  scenario(itemsTopology())
    .given(offer())
    .when(offer({ attributes: { origin: 'Darjeeling', leaf: 'whole' } }, id('again')))
    .thenEmits(items, [])
    .thenEmits(itemEvents, [{ type: 'ItemUnchanged', itemId: tea, source: null, version: 1 }])
    .thenEmits(commandReplies, [accepted('again', 1)]);
});

test('patches the fields that are given', () => {
  scenario(itemsTopology())
    .given(offer())
    .when(patch({ brand: 'Acme Gold', expectedVersion: 1, ...id('p1') }))
    .thenEmits(items, [{ ...teaItem, brand: 'Acme Gold', version: 2, updatedAt: 2_000 }])
    .thenEmits(commandReplies, [accepted('p1', 2)]);
});

test('refuses a patch of another version, and says which one it is', () => {
  scenario(itemsTopology())
    .given(offer())
    .when(patch({ brand: 'Acme Gold', expectedVersion: 7, ...id('p1') }))
    .thenEmits(items, [])
    .thenEmits(commandReplies, [
      {
        commandId: 'p1' as CommandId,
        outcome: 'rejected',
        version: 1,
        code: 'version-conflict',
        message: 'the item has version 1, not 7: read it again',
        details: [{ field: 'version', reason: 'the item has version 1, not 7: read it again' }],
      },
    ]);
});

test('delists with a tombstone; an item that is offered again goes on with its version', () => {
  scenario(itemsTopology())
    .given(offer())
    .when(delist(id('d1')))
    .thenEmits(items, [undefined])
    .thenEmits(itemEvents, [{ type: 'ItemDelisted', itemId: tea, version: 2 }])
    .thenEmits(commandReplies, [accepted('d1', 2)])
    .when(offer({}, { atMs: 4_000 }))
    .thenEmits(items, [{ ...teaItem, version: 3, listedAt: 4_000, updatedAt: 4_000 }]);
});

test.each([
  ['a patch', patch({ brand: 'Acme Gold' })],
  ['a delisting', delist()],
])('refuses %s of an item that is not listed', (_name, command) => {
  const driver = new TopologyTestDriver(itemsTopology());
  const { key, value } = command.record as { key: ItemId; value: ItemCommand };
  driver.input(itemCommands).pipe(key, value);
  const [reply] = driver.output(commandReplies).values();
  expect(reply).toMatchObject({
    outcome: 'rejected',
    code: 'item-unknown',
    message: "item 'TEA-250' is not listed: offer it first",
  });
});

test('keeps an item for the supplier who listed it, also after a delisting', () => {
  const theirs = { supplierId: 'globex' as SupplierId };
  const reasons = ["sku 'TEA-250' is listed by another supplier: offer it under a SKU of your own"];
  scenario(itemsTopology())
    .given(offer(), delist())
    .when(offer({}, theirs))
    .thenEmits(items, [])
    .thenEmits(itemRejects, [
      {
        type: 'ItemRejected',
        itemId: tea,
        source: null,
        reasons,
        raw: JSON.stringify(teaOffer),
        ...theirs,
      },
    ]);
});

test('lets the shop itself change an item without taking it over', () => {
  scenario(itemsTopology())
    .given(offer())
    .when(patch({ brand: 'Acme Gold', supplierId: shopSupplierId }))
    .thenEmits(items, [{ ...teaItem, brand: 'Acme Gold', version: 2, updatedAt: 2_000 }]);
});

test('rejects a bad offer with every reason, to the dead letters and in the reply', () => {
  const bad = { title: ' ', price: { amount: 0, currency: 'USD' } };
  const reasons = [
    'title is empty: give 1 to 200 characters',
    'price.amount is 0: give 1 to 10000000000 minor units',
    'price.currency is "USD": give INR, the currency of the shop',
  ];
  const raw = JSON.stringify({ ...teaOffer, ...bad });
  const rejection = {
    type: 'ItemRejected' as const,
    itemId: tea,
    supplierId: acme,
    source: null,
    reasons,
    raw,
  };
  scenario(itemsTopology())
    .when(offer(bad, id('o1')))
    .thenEmits(items, [])
    .thenEmits(itemEvents, [rejection])
    .thenEmits(itemRejects, [rejection])
    .thenEmits(commandReplies, [
      {
        commandId: 'o1' as CommandId,
        outcome: 'rejected',
        version: 0,
        code: 'item-invalid',
        message: reasons.join('; '),
        details: [
          { field: 'title', reason: reasons[0] ?? '' },
          { field: 'price.amount', reason: reasons[1] ?? '' },
          { field: 'price.currency', reason: reasons[2] ?? '' },
        ],
      },
    ]);
});

test('takes another currency when the shop has another', () => {
  const price = { amount: 100, currency: 'EUR' };
  scenario(itemsTopology({ currency: 'EUR' }))
    .when(offer({ price }))
    .thenEmits(items, [{ ...teaItem, price }]);
});

test('answers a command that arrives twice with the same reply, and does nothing', () => {
  scenario(itemsTopology())
    .given(offer({}, id('o1')), patch({ title: 'Tea', ...id('p1') }), delist(id('d1')))
    .when(patch({ title: 'Tea', ...id('p1') }), offer({}, id('o1')))
    .thenEmits(items, [])
    .thenEmits(itemEvents, [])
    .thenEmits(commandReplies, [accepted('p1', 2), accepted('o1', 1)]);
});

const line = (number: number) => ({ source: { feedId, line: number }, ...id(`line-${number}`) });
const unreadable = (number: number) =>
  give(`${feedId}:${number}` as ItemId, 1_500, {
    type: 'RejectLine',
    reasons: ['line is no JSON: give one object a line'],
    raw: '{"sku"',
    ...line(number),
  });
const started = input(
  feedFacts,
  feedId,
  { type: 'FeedStarted', supplierId: acme, format: 'ndjson', at: 900 },
  900,
);
const ended = (records: number, error: string | null = null) =>
  input(feedFacts, feedId, { type: 'FeedEnded', records, bytes: 10, error, at: 2_000 }, 2_000);
const empty: FeedReport = {
  feedId,
  supplierId: acme,
  status: 'receiving',
  records: null,
  accepted: 0,
  unchanged: 0,
  rejected: 0,
  rejections: [],
  error: null,
  startedAt: 900,
  updatedAt: 900,
  version: 1,
};
const rejections = [
  { line: 2, key: 'feed_1:2', reasons: ['line is no JSON: give one object a line'] },
];

describe('the report of a feed', () => {
  test('counts every line, names those that were rejected, and is done when all are known', () => {
    scenario(itemsTopology())
      .when(started, offer({}, line(1)), unreadable(2), offer({}, line(3)))
      .thenEmits(feedReports, [empty])
      .thenEmits(commandReplies, [])
      .when(ended(3))
      .thenEmits(feedReports, [
        {
          ...empty,
          status: 'done',
          records: 3,
          accepted: 1,
          unchanged: 1,
          rejected: 1,
          rejections,
          updatedAt: 2_000,
          version: 2,
        },
      ]);
  });

  test('is processing while lines are under way, and tells of progress from time to time', () => {
    const processing = { ...empty, status: 'processing' as const, records: 2, updatedAt: 2_000 };
    scenario(itemsTopology())
      .given(started, ended(2))
      .when(unreadable(2))
      .thenEmits(feedReports, [])
      .whenTimePasses(500)
      .thenEmits(feedReports, [{ ...processing, rejected: 1, rejections, version: 3 }])
      .whenTimePasses(500)
      .thenEmits(feedReports, [])
      .when(offer({}, line(1)))
      .thenEmits(feedReports, [
        { ...processing, status: 'done', accepted: 1, rejected: 1, rejections, version: 4 },
      ]);
  });
});

describe('the report of a feed in trouble', () => {
  test('counts a line once, whatever is repeated', () => {
    const repeated = { ...line(1), ...id('another-id') };
    scenario(itemsTopology())
      .given(started, offer({}, line(1)))
      .when(offer({}, line(1)), offer({}, repeated), unreadable(2), unreadable(2), ended(2))
      .thenEmits(feedReports, [
        {
          ...empty,
          status: 'done',
          records: 2,
          accepted: 1,
          rejected: 1,
          rejections,
          updatedAt: 2_000,
          version: 2,
        },
      ])
      .when(offer({}, { ...line(2), ...id('late') }))
      .whenTimePasses(1_000)
      .thenEmits(feedReports, []);
  });

  test('says why a feed was broken off, and what became of the lines before', () => {
    const error = 'the connection was lost';
    scenario(itemsTopology())
      .given(offer({}, line(1)), started)
      .when(ended(1, error))
      .thenEmits(feedReports, [
        {
          ...empty,
          status: 'broken_off',
          records: 1,
          error,
          accepted: 1,
          updatedAt: 2_000,
          version: 2,
        },
      ]);
  });
});
