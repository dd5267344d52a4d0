import { createServer } from 'node:net';
import { freePorts, requireFree } from './free-ports.ts';

test('are distinct, free, and none that the system gives to outgoing connections', async () => {
  const ports = await freePorts(50);
  expect(new Set(ports).size).toBe(50);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  await expect(Promise.all(ports.map(requireFree))).resolves.toHaveLength(50);
});

test('a port on which somebody listens is not free', async () => {
  const [port = 0] = await freePorts(1);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await expect(requireFree(port)).rejects.toThrow(`port ${port} of 127.0.0.1 is in use`);
  await new Promise((done) => server.close(done));
});
