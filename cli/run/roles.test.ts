import { rolesOf } from './roles.ts';

const names = { topologies: ['orders', 'carts'], sinks: ['orders', 'search'] };

test('plays every role when it is told none', () => {
  const roles = rolesOf([], names);
  expect(roles).toEqual({
    topologies: new Set(['orders', 'carts']),
    sinks: new Set(['orders', 'search']),
    services: new Set(['shop', 'sandbox']),
    outbox: true,
    batch: true,
    isWholeShop: true,
  });
});

test('plays the roles that it is told, and no other', () => {
  expect(rolesOf(['orders', 'search-sink', 'inbound', 'outbox'], names)).toEqual({
    topologies: new Set(['orders']),
    sinks: new Set(['search']),
    services: new Set(['inbound']),
    outbox: true,
    batch: false,
    isWholeShop: false,
  });
  expect(rolesOf(['topologies', 'sinks'], names)).toMatchObject({
    topologies: new Set(['orders', 'carts']),
    sinks: new Set(['orders', 'search']),
    services: new Set(),
  });
});

test('names the word that is no role, and those that are', () => {
  expect(() => rolesOf(['serving', 'ordres'], names)).toThrow(
    "no role 'ordres': there are serving, inbound, sandbox, outbox, batch, topologies, sinks, " +
      'orders, carts, orders-sink, search-sink; without any it is the whole shop',
  );
});
