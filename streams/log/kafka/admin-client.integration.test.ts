import { type AdminPackage, BrokerUnknown, openAdmin, packageOfAdmin } from './admin-client.ts';

test('a broker that the client does not know is an error that its caller gets', async () => {
  const { kGetConnection } = await packageOfAdmin();
  const admin = await openAdmin({ bootstrapServers: 'nowhere:1' });
  const connect = (admin as unknown as ConnectedBy)[kGetConnection];
  const error = await new Promise((resolve) => connect?.call(admin, undefined, resolve));
  expect(error).toBeInstanceOf(BrokerUnknown);
  const reached = await new Promise((resolve) =>
    connect?.call(admin, { host: '127.0.0.1', port: 1 }, resolve),
  );
  expect(reached).not.toBeInstanceOf(BrokerUnknown);
  expect(reached).toBeInstanceOf(Error);
  await admin.close();
});

type ConnectedBy = Record<
  AdminPackage['kGetConnection'],
  ((broker: object | undefined, callback: (error: unknown) => void) => void) | undefined
>;
