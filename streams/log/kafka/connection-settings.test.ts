import { connectionSettings } from './connection-settings.ts';

const bootstrapServers = 'localhost:9092';

test('speaks in the clear unless it is told otherwise', () => {
  const settings = connectionSettings({ bootstrapServers });
  expect(settings).toMatchObject({
    'bootstrap.servers': bootstrapServers,
    'client.id': 'millrace',
  });
  expect(settings).not.toHaveProperty(['security.protocol']);
});

test('names the authorities to trust, and who it is', () => {
  const sasl = { mechanism: 'SCRAM-SHA-512', username: 'shop', password: 'secret' } as const;
  const settings = connectionSettings({ bootstrapServers, security: { tls: { ca: 'PEM' }, sasl } });
  expect(settings).toMatchObject({
    'security.protocol': 'sasl_ssl',
    'ssl.ca.pem': 'PEM',
    'sasl.mechanisms': 'SCRAM-SHA-512',
    'sasl.username': 'shop',
    'sasl.password': 'secret',
  });
});

test.each([
  [{ sasl: { mechanism: 'PLAIN', username: 'a', password: 'b' } } as const, 'sasl_plaintext'],
  [{ tls: true } as const, 'ssl'],
])('says by which protocol: %j', (security, protocol) => {
  const settings = connectionSettings({ bootstrapServers, security });
  expect(settings['security.protocol']).toBe(protocol);
});

test('lets a further setting of the client win', () => {
  const settings = connectionSettings({
    bootstrapServers,
    clientSettings: { 'client.id': 'mine', 'retry.backoff.ms': 50 },
  });
  expect(settings).toMatchObject({ 'client.id': 'mine', 'retry.backoff.ms': 50 });
});

test('names every fault at once', () => {
  const security = { sasl: { mechanism: 'PLAIN', username: '', password: '' } } as const;
  const clientSettings = { 'enable.auto.commit': true, 'group.id': 'x' };
  const open = () => connectionSettings({ bootstrapServers: 'here', security, clientSettings });
  expect(open).toThrow(/enable\.auto\.commit.*group\.id.*'here'.*username and a password/);
});
