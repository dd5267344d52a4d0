import { codecFor } from '../codec.ts';
import type { AvroJson } from '../registry.ts';
import { confluentRegistry } from './confluent-registry.ts';
import { withReferences } from './references.ts';
import { RegistryFixture } from './registry-fixture.ts';

const money: AvroJson = {
  type: 'record',
  name: 'Money',
  namespace: 'shop',
  fields: [
    { name: 'cents', type: 'long' },
    { name: 'currency', type: { type: 'enum', name: 'Currency', symbols: ['EUR', 'INR'] } },
  ],
};
const line: AvroJson = {
  type: 'record',
  name: 'shop.Line',
  fields: [{ name: 'price', type: 'Money' }],
};
const order: AvroJson = {
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [
    { name: 'lines', type: { type: 'array', items: 'shop.Line' } },
    { name: 'total', type: ['null', 'Money'] },
    { name: 'fees', type: { type: 'map', values: { type: 'shop.Money' } } },
    { name: 'paidIn', type: 'Currency' },
  ],
};
const value = {
  lines: [{ price: { cents: 5, currency: 'INR' } }],
  total: { cents: 5, currency: 'EUR' },
  fees: { gift: { cents: 1, currency: 'INR' } },
  paidIn: 'EUR',
};

test('a referenced schema is written where it is used first, and only there', () => {
  const whole = withReferences(
    order,
    new Map([
      ['shop.Money', money],
      ['shop.Line', line],
    ]),
  );
  const codec = codecFor(whole);
  const written = codec.encode(value, Buffer.of());
  expect(Buffer.from(written).toString('hex')).toBe(
    '02' +
      '0a02' +
      '00' +
      '02' +
      '0a00' +
      '0208' +
      Buffer.from('gift').toString('hex') +
      '0202' +
      '00' +
      '00',
  );
  expect(codec.decode(written, 0)).toEqual(value);
  expect(JSON.stringify(whole).match(/"name":"shop.Money"/g)).toHaveLength(1);
});

describe('a registry whose schemas refer to others', () => {
  let server: RegistryFixture;
  beforeEach(async () => {
    server = await RegistryFixture.open();
  });
  afterEach(() => server.close());

  const toMoney = { name: 'shop.Money', subject: 'money', version: 1 };
  const toLine = { name: 'shop.Line', subject: 'line', version: 1 };

  test('answers the whole schema, what is referred to by what is referred to as well', async () => {
    server.put('money', money);
    server.put('line', line, { references: [toMoney] });
    const id = server.put('orders-value', order, { references: [toLine, toMoney] });
    const registry = confluentRegistry({ url: server.url });
    const codec = codecFor(await registry.load(id));
    expect(codec.decode(codec.encode(value, Buffer.of()), 0)).toEqual(value);
    expect(server.lines).toEqual([
      `GET /schemas/ids/${id}`,
      'GET /subjects/line/versions/1?deleted=true',
      'GET /subjects/money/versions/1?deleted=true',
    ]);
  });

  test('says what is missing where a reference leads nowhere', async () => {
    const id = server.put('line', line, { references: [toMoney] });
    await expect(confluentRegistry({ url: server.url }).load(id)).rejects.toMatchObject({
      code: 'STREAMS_SCHEMA_UNKNOWN',
      message:
        `the schema with id ${id} is not readable as Avro: ` +
        "it refers to version 1 of 'money': not found",
    });
  });

  test('checks a new schema against a latest version that refers to others', async () => {
    server.put('money', money);
    server.put('lines-value', line, { references: [toMoney] });
    const registry = confluentRegistry({ url: server.url });
    const broken: AvroJson = {
      type: 'record',
      name: 'shop.Line',
      fields: [{ name: 'price', type: 'string' }],
    };
    await expect(registry.register('lines-value', broken)).rejects.toMatchObject({
      code: 'STREAMS_SCHEMA_INCOMPATIBLE',
      message: expect.stringContaining("price: record 'shop.Money' cannot be read as string"),
    });
  });
});
