/** A server with an empty database for each test, and what was opened in it closed after it. */
import { migrateMysql } from '../migrate.ts';
import { type MysqlViews, openMysqlViews } from '../mysql-views.ts';

/** What tests need of the server that they have started. */
interface TestServer {
  readonly url: string;
  asRoot(...statements: readonly string[]): Promise<readonly Record<string, unknown>[]>;
  stop(): Promise<void>;
}

export interface MysqlUnderTest<Server extends TestServer = TestServer> {
  readonly server: () => Server;
  /** Closes it after the test, if that has not done so. */
  readonly closing: <T extends { close(): Promise<void> | void }>(opened: T) => T;
  /** @defaultValue `url` the server's own */
  readonly openViews: (url?: string) => Promise<MysqlViews>;
}

/** Both have to do the same, whatever their dialects. */
export const flavours = ['mariadb', 'mysql'] as const;

/** They are no rows of a test: what migrations put there. */
const kept = ['millrace_version', 'users_outbox_counter'];

/** To be called where tests are described. */
export function mysqlUnderTest<Server extends TestServer>(
  start: () => Promise<Server>,
): MysqlUnderTest<Server> {
  let server: Server;
  const opened: { close(): Promise<void> | void }[] = [];

  beforeAll(async () => {
    server = await start();
    await migrateMysql({ url: server.url });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (each) => each.close()));
    await empty(server);
  });
  afterAll(() => server?.stop());

  const closing = <T extends { close(): Promise<void> | void }>(each: T): T => {
    opened.push(each);
    return each;
  };
  return {
    server: () => server,
    closing,
    openViews: async (url = server.url) => closing(await openMysqlViews({ url })),
  };
}

async function empty(server: TestServer): Promise<void> {
  const rows = await server.asRoot(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'millrace'",
  );
  const names = rows.map(({ name }) => String(name)).filter((name) => !kept.includes(name));
  await server.asRoot(
    'SET FOREIGN_KEY_CHECKS = 0',
    'USE millrace',
    ...names.map((name) => (name.includes('__') ? `DROP TABLE ${name}` : `DELETE FROM ${name}`)),
  );
}
