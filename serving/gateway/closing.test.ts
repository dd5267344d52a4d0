import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { testShop } from '../testing/test-shop.ts';

test('a request that comes while the server closes is refused with a problem that says so', async () => {
  const { app } = await testShop();
  const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const socket = connect(Number(url.port), url.hostname);
  const [serverSide] = (await once(app.server, 'connection')) as [Socket];
  // A request that has begun keeps its connection open while the server closes.
  socket.write('GET /healthz HTTP/1.1\r\nhost: shop\r\n');
  while (serverSide.bytesRead === 0) await nextTurn();

  const closed = app.close();
  while (app.server.listening) await nextTurn();
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString();
  });
  socket.write('\r\n');
  await once(socket, 'close');
  await closed;

  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(answer).toMatch(/content-type: application\/problem\+json/i);
  expect(answer).toMatch(/retry-after: 2/i);
  expect(answer).toContain('"code":"shutting-down"');
});
