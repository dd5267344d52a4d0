/** Against a real registry: `MILLRACE_TEST_REGISTRY` is where its API begins. */
import { randomUUID } from 'node:crypto';
import avsc from 'avsc';
import { memoryLog } from '../../log/memory/memory-log.ts';
import { StreamsApplication } from '../../runtime/streams-application.ts';
import { StreamsBuilder } from '../../topology/streams-builder.ts';
import { topic, topicSerdes } from '../../topology/topic.ts';
import type { AvroJson } from '../registry.ts';
import { registryContract } from '../registry-contract.ts';
import { array, int, literal, long, map, nullable, record, string, union } from '../schema.ts';
import { confluentRegistry } from './confluent-registry.ts';

const url = process.env.MILLRACE_TEST_REGISTRY ?? '';
const open = () => confluentRegistry({ url });

registryContract('the real registry', () => ({ registry: open(), close: () => {} }));

/** Without our client: what it says must not depend on it. */
async function ask(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const reply = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Record<string, unknown>;
}

let name: string;
beforeEach(() => {
  name = `orders-${randomUUID()}`;
});

const Placed = record('Placed', {
  type: literal('Placed'),
  total: long,
  lines: array(record('Line', { sku: string, quantity: int })),
  notes: map(string),
  coupon: nullable(string),
});
const Cancelled = record('Cancelled', { type: literal('Cancelled'), reason: string });
const Order = union(Placed, Cancelled);

const placed = {
  type: 'Placed',
  total: 2 ** 40,
  lines: [{ sku: 'TEA', quantity: 2 }],
  notes: { gift: 'yes' },
  coupon: null,
} as const;
const cancelled = { type: 'Cancelled', reason: 'too late' } as const;

/** Another decoder of the wire format: avsc as it comes, with the schema that the registry gives. */
async function otherType(id: number): Promise<avsc.Type> {
  const { schema } = await ask('GET', `/schemas/ids/${id}`);
  return avsc.Type.forSchema(JSON.parse(String(schema)) as avsc.Schema, { wrapUnions: true });
}

test('what we write is read by another decoder with the schema of its id', async () => {
  const { value } = await topicSerdes(topic(name, { key: string, value: Order }), open());
  for (const order of [placed, cancelled]) {
    const bytes = Buffer.from(value.serialize(order));
    expect(bytes[0]).toBe(0);
    const id = bytes.readInt32BE(1);
    expect(await ask('GET', `/subjects/${name}-value/versions/latest`)).toMatchObject({ id });
    const read = (await otherType(id)).fromBuffer(bytes.subarray(5));
    expect(JSON.parse(JSON.stringify(read))).toEqual({ [order.type]: order });
  }
});

test('what another encoder writes with a schema of its own is read by us', async () => {
  const theirs: AvroJson = {
    type: 'record',
    name: 'Cancelled',
    fields: [
      { name: 'by', type: 'string' },
      { name: 'type', type: { type: 'enum', name: 'CancelledType', symbols: ['Cancelled'] } },
      { name: 'reason', type: 'string' },
    ],
  };
  const { id } = await ask('POST', `/subjects/${name}-value/versions`, {
    schema: JSON.stringify(theirs),
  });
  const frame = Buffer.alloc(5);
  frame.writeInt32BE(Number(id), 1);
  const type = avsc.Type.forSchema(theirs as avsc.Schema);
  const bytes = Buffer.concat([frame, type.toBuffer({ by: 'ben', ...cancelled })]);

  const registry = open();
  const { value } = await topicSerdes(topic(name, { key: string, value: Order }), registry);
  expect(() => value.deserialize(bytes)).toThrow(`no schema with id ${id} is known here yet`);
  await registry.load(Number(id));
  expect(value.deserialize(bytes)).toEqual(cancelled);
});

test('an application registers what its topics and its stores hold before its first record', async () => {
  const orders = topic(name, { key: string, value: Order });
  const builder = new StreamsBuilder();
  builder
    .stream(orders)
    .groupByKey('by-order')
    .reduce('latest', (_, order) => order, { key: string, value: Order });
  const log = memoryLog();
  const application = new StreamsApplication({
    applicationId: `app-${name}`,
    topology: builder.build(),
    log,
    registry: open(),
  });
  await application.start();
  await application.close();
  await log.close();
  const subjects = (await ask('GET', '/subjects')) as unknown as string[];
  expect(subjects.filter((subject) => subject.includes(name)).sort()).toEqual([
    `app-${name}-latest-changelog-value`,
    `${name}-value`,
  ]);
});

test('tells the reasons of the registry when its level forbids what we would allow', async () => {
  const subject = `${name}-value`;
  const registry = open();
  await registry.register(subject, record('Item', { n: int, note: string }).avro);
  await ask('PUT', `/config/${subject}`, { compatibility: 'FULL' });
  await expect(registry.register(subject, record('Item', { n: int }).avro)).rejects.toMatchObject({
    code: 'STREAMS_SCHEMA_INCOMPATIBLE',
    message: expect.stringMatching(
      /^the registry refuses the new schema of subject .*:\n {2}- .*note/,
    ),
  });
});

test('refuses what readers could not read though the registry is set to take anything', async () => {
  const subject = `${name}-value`;
  const registry = open();
  await registry.register(subject, record('Item', { n: int }).avro);
  await ask('PUT', `/config/${subject}`, { compatibility: 'NONE' });
  const broken = record('Item', { n: string }).avro;
  await expect(registry.register(subject, broken)).rejects.toMatchObject({
    code: 'STREAMS_SCHEMA_INCOMPATIBLE',
    message: expect.stringContaining('n: int cannot be read as string'),
  });
  const lenient = confluentRegistry({ url, compatibility: 'registry' });
  expect(await lenient.register(subject, broken)).toBeGreaterThan(0);
});

test('reads a schema that refers to another', async () => {
  const Money = { type: 'record', name: 'Money', namespace: 'shop', fields: [] };
  await ask('POST', `/subjects/${name}-money/versions`, { schema: JSON.stringify(Money) });
  const order = {
    type: 'record',
    name: 'shop.Order',
    fields: [{ name: 'total', type: 'Money' }],
  };
  const { id } = await ask('POST', `/subjects/${name}-value/versions`, {
    schema: JSON.stringify(order),
    references: [{ name: 'shop.Money', subject: `${name}-money`, version: 1 }],
  });
  const schema = await open().load(Number(id));
  expect(JSON.stringify(schema)).toContain('"name":"shop.Money"');
});
