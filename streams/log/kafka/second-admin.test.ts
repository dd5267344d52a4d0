import { type AdminClient, BrokerUnknown } from './admin-client.ts';
import { SecondAdmin } from './second-admin.ts';

const connection = { bootstrapServers: 'nowhere:1' };

function clientThat(describeGroups: AdminClient['describeGroups']) {
  const client = {
    closed: false,
    describeGroups,
    async close() {
      client.closed = true;
    },
  };
  return client as typeof client & AdminClient;
}

const ask = (admin: SecondAdmin) =>
  admin.ask((client) => client.describeGroups({ groups: ['shop'] }));

test('a client that does not answer is given up, and another one is asked', async () => {
  const silent = clientThat(() => new Promise(() => {}));
  const answering = clientThat(async () => new Map([['shop', { members: new Map() }]]));
  const clients = [silent, answering];
  const open = async () => clients.shift() as AdminClient;
  const admin = new SecondAdmin(connection, { open, answerMs: 10 });
  expect([...(await ask(admin)).keys()]).toEqual(['shop']);
  expect([silent.closed, answering.closed]).toEqual([true, false]);
  expect([...(await ask(admin)).keys()]).toEqual(['shop']);
  await admin.close();
  expect(answering.closed).toBe(true);
});

test('a failure is asked again of the same client, a refusal is not', async () => {
  let asked = 0;
  const failing = clientThat(async () => {
    asked += 1;
    if (asked === 1) throw new Error('the connection was closed');
    throw Object.assign(new Error('not allowed'), { apiCode: 30, canRetry: false });
  });
  const admin = new SecondAdmin(connection, { open: async () => failing });
  await expect(ask(admin)).rejects.toMatchObject({ code: 30 });
  expect(asked).toBe(2);
  expect(failing.closed).toBe(false);
});

test('a client that does not know a broker is given up, and another one is asked', async () => {
  const outdated = clientThat(async () => {
    throw new AggregateError([new BrokerUnknown('the coordinator is no known broker')]);
  });
  const answering = clientThat(async () => new Map());
  const clients = [outdated, answering];
  const admin = new SecondAdmin(connection, { open: async () => clients.shift() as AdminClient });
  expect(await ask(admin)).toEqual(new Map());
  expect([outdated.closed, answering.closed]).toEqual([true, false]);
});

test('closing does not wait for a client that does not answer', async () => {
  const silent = clientThat(() => new Promise(() => {}));
  silent.close = () => new Promise(() => {});
  const admin = new SecondAdmin(connection, { open: async () => silent, answerMs: 10 });
  const refused = expect(ask(admin)).rejects.toThrow('no answer from a broker within 10 ms');
  await admin.close();
  await refused;
});

test('a client that cannot be opened in time is opened anew', async () => {
  const answering = clientThat(async () => new Map());
  const openings = [new Promise<AdminClient>(() => {}), Promise.resolve(answering)];
  const open = () => openings.shift() as Promise<AdminClient>;
  const admin = new SecondAdmin(connection, { open, answerMs: 10 });
  expect(await ask(admin)).toEqual(new Map());
});
