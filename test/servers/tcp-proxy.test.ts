import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';

let echo: Server;
let proxy: TcpProxy;
let client: Socket;

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await openTcpProxy((echo.address() as AddressInfo).port);
  client = connect(proxy.port, '127.0.0.1');
  client.on('error', () => {});
  await once(client, 'connect');
});

afterEach(async () => {
  client.destroy();
  await proxy.close();
  echo.close();
});

async function said(text: string): Promise<string> {
  client.write(text);
  const [bytes] = (await once(client, 'data')) as [Buffer];
  return bytes.toString();
}

test('hands on what is said, both ways', async () => {
  expect(await said('hello')).toBe('hello');
});

test('keeps both ways waiting for as long as it is told', async () => {
  proxy.delayMs = 60;
  const sinceMs = performance.now();
  await said('slowly');
  expect(performance.now() - sinceMs).toBeGreaterThanOrEqual(119);
});

test('holds everything while it hangs, and gives it on in order afterwards', async () => {
  proxy.hang();
  let received = '';
  client.on('data', (bytes) => {
    received += bytes.toString();
  });
  client.write('one ');
  await new Promise((resolve) => setTimeout(resolve, 50));
  client.write('two');
  expect(received).toBe('');
  proxy.goOn();
  while (received.length < 7) await once(client, 'data');
  expect(received).toBe('one two');
});

test('cuts every connection, and takes new ones', async () => {
  expect(await said('before')).toBe('before');
  const closed = new Promise((resolve) => client.once('close', resolve));
  proxy.cut();
  await closed;
  client = connect(proxy.port, '127.0.0.1');
  await once(client, 'connect');
  expect(await said('after')).toBe('after');
});
