import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { StreamsError } from '../../errors.ts';
import { int, record } from '../schema.ts';
import { type ConfluentRegistryOptions, confluentRegistry } from './confluent-registry.ts';
import { type FixtureReply, RegistryFixture } from './registry-fixture.ts';
import { testCertificate, testCertificateKey } from './test-certificate.ts';

const schema = record('Item', { n: int }).avro;
const once = { retryForMs: 0 };

let server: RegistryFixture;
beforeEach(async () => {
  server = await RegistryFixture.open();
});
afterEach(() => server.close());

async function failure(options: Partial<ConfluentRegistryOptions>): Promise<StreamsError> {
  const registry = confluentRegistry({ url: server.url, ...options });
  return registry.register('items-value', schema).then(
    () => {
      throw new Error('expected an error');
    },
    (error: StreamsError) => error,
  );
}

test("sends Confluent's media type, and the schema as text", async () => {
  await confluentRegistry({ url: server.url }).register('items-value', schema);
  const [asked] = server.asked;
  expect(asked?.headers['content-type']).toBe('application/vnd.schemaregistry.v1+json');
  expect(JSON.parse(asked?.body ?? '')).toEqual({ schema: JSON.stringify(schema) });
});

test('asks below the path of its address, with or without a slash at the end', async () => {
  for (const end of ['', '/']) {
    server.instead = () => ({ status: 200, body: { id: 1 } });
    const url = `${server.url}/apis/ccompat/v7${end}`;
    await confluentRegistry({ url }).register('a-value', schema);
    expect(server.lines.at(-1)).toBe('POST /apis/ccompat/v7/subjects/a-value');
  }
});

test.each<[string, ConfluentRegistryOptions['auth'], string | undefined]>([
  ['a name and a password', { username: 'ann', password: 'pä:ss' }, 'Basic YW5uOnDDpDpzcw=='],
  ['a token', { token: 't0ken' }, 'Bearer t0ken'],
  ['nothing', undefined, undefined],
])('shows %s', async (_, auth, authorization) => {
  await confluentRegistry({ url: server.url, auth }).register('items-value', schema);
  expect(server.asked[0]?.headers.authorization).toBe(authorization);
});

test.each<[string, FixtureReply, string]>([
  ['401', { status: 401, body: { message: 'who?' } }, 'give `auth`, or correct it (401: who?)'],
  ['403', { status: 403, body: { message: 'no' } }, 'let it read and write subjects'],
  ['a page where the API ought to be', { status: 200, body: '<html>' }, 'not of Confluent'],
  ['an address without an API', { status: 404, body: '<html>' }, 'Apicurio'],
  ["a framework's own 404", { status: 404, body: { error_code: 404 } }, 'no such address (404)'],
  ['a redirect', { status: 302, headers: { location: 'http://x/y' } }, "redirects to 'http://x/y'"],
  [
    'read-only mode',
    { status: 422, body: { error_code: 42205, message: 'read-only' } },
    'read-only',
  ],
  ['an answer without an id', { status: 200, body: {} }, 'gave no id'],
  ['413', { status: 413 }, 'it answers 413'],
])('is refused for good by %s, and says what to change', async (_, reply, message) => {
  server.instead = () => reply;
  const error = await failure({ auth: { username: 'ann', password: 's3cret' } });
  expect(error).toMatchObject({ code: 'STREAMS_REGISTRY_REFUSED', retryable: false });
  expect(error.message).toContain(message);
  expect(error.message).not.toContain('s3cret');
  expect(server.asked).toHaveLength(1);
});

test('a redirect is not followed, least of all with the credentials', async () => {
  const other = await RegistryFixture.open();
  server.instead = () => ({ status: 307, headers: { location: other.url } });
  await failure({ auth: { token: 't0ken' } });
  expect(other.asked).toEqual([]);
  await other.close();
});

test('a schema that the registry cannot read is refused as such', async () => {
  server.instead = () => ({ status: 422, body: { error_code: 42201, message: 'Invalid schema' } });
  expect(await failure({})).toMatchObject({
    code: 'STREAMS_SCHEMA_INVALID',
    message: `the registry at ${server.url} says: Invalid schema`,
  });
});

test.each<[string, FixtureReply | 'silence' | 'hang-up', string]>([
  ['500', { status: 500, body: { message: 'disk' } }, 'it answers 500: disk'],
  ['503 without a body', { status: 503, body: '' }, 'it answers 503: without a word'],
  ['429', { status: 429, body: { message: 'slowly' } }, 'it answers 429: slowly'],
  ['no answer in time', 'silence', 'no answer within 1000 ms'],
  ['a connection that breaks', 'hang-up', 'other side closed'],
])('is away for now with %s', async (_, reply, message) => {
  server.instead = () => reply;
  const error = await failure({ ...once, requestTimeoutMs: 1_000 });
  expect(error).toMatchObject({ code: 'STREAMS_REGISTRY_UNAVAILABLE', retryable: true });
  expect(error.message).toContain(message);
});

test('is away for now when nobody listens, or the name is not known', async () => {
  const closed = await RegistryFixture.open();
  const { url: unheard } = closed;
  await closed.close();
  for (const url of [unheard, 'http://nowhere.invalid:8081']) {
    const error = await failure({ ...once, url });
    expect(error).toMatchObject({ code: 'STREAMS_REGISTRY_UNAVAILABLE', retryable: true });
    expect(error.message).toContain(url);
  }
});

test('a registration goes on when the registry comes back', async () => {
  let away = 2;
  server.instead = () => (away-- > 0 ? { status: 503 } : undefined);
  const registry = confluentRegistry({ url: server.url, random: () => 0 });
  const id = await registry.register('items-value', schema);
  expect(server.versions('items-value')).toEqual([id]);
});

test('what was registered although its answer was lost is found and not registered again', async () => {
  let isLost = false;
  server.instead = ({ path }) => {
    if (!path.endsWith('/versions') || isLost) return undefined;
    isLost = true;
    server.put('items-value', schema);
    return 'hang-up';
  };
  const id = await confluentRegistry({ url: server.url }).register('items-value', schema);
  expect(server.versions('items-value')).toEqual([id]);
});

test('gives up after its time, says how often it tried, and may be asked again', async () => {
  server.instead = () => ({ status: 503 });
  const registry = confluentRegistry({ url: server.url, retryForMs: 300, random: () => 0.5 });
  await expect(registry.register('items-value', schema)).rejects.toMatchObject({
    code: 'STREAMS_REGISTRY_UNAVAILABLE',
    retryable: true,
    message: expect.stringMatching(/\(tried [23] times in \d+ ms\)$/),
  });
  server.instead = () => undefined;
  expect(await registry.register('items-value', schema)).toBeGreaterThan(0);
});

test('loads without trying again: who reads records waits in a way of its own', async () => {
  server.instead = () => ({ status: 503 });
  await expect(confluentRegistry({ url: server.url }).load(7)).rejects.toMatchObject({
    code: 'STREAMS_REGISTRY_UNAVAILABLE',
  });
  expect(server.asked).toHaveLength(1);
});

test('ends at once when its signal says so, whatever it waits for', async () => {
  const ending = new AbortController();
  server.instead = () => {
    setTimeout(() => ending.abort(), 20);
    return 'silence';
  };
  const startedMs = performance.now();
  const error = await failure({ signal: ending.signal, requestTimeoutMs: 60_000 });
  expect(error.message).toContain('the question was taken back');
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});

test.each<[string, Partial<ConfluentRegistryOptions>, string]>([
  ['no address', { url: 'registry:8081' }, 'begins with http'],
  ['credentials in the address', { url: 'http://ann:s3cret@registry' }, 'give them as `auth`'],
  ['a query in the address', { url: 'http://registry/?a=b' }, 'goes on after its path'],
  ['a colon in the name', { auth: { username: 'a:b', password: 's3cret' } }, 'colon'],
  ['a token with the end of its line', { auth: { token: 's3cret\n' } }, 'white space'],
  ['a time that is none', { retryForMs: Number.NaN }, 'retryForMs is NaN'],
  ['no time to answer', { requestTimeoutMs: 0 }, 'requestTimeoutMs is 0'],
])('refuses %s before it asks', (_, options, message) => {
  const open = () => confluentRegistry({ url: server.url, ...options });
  expect(open).toThrow(expect.objectContaining({ code: 'STREAMS_CONFIG_INVALID' }));
  expect(open).toThrow(message);
  expect(open).not.toThrow('s3cret');
});

describe('over TLS', () => {
  let secure: RegistryFixture;
  beforeEach(async () => {
    secure = await RegistryFixture.open({ tls: true });
  });
  afterEach(() => secure.close());

  test('talks to a registry whose authority it was given', async () => {
    const tls = { ca: testCertificate };
    const registry = confluentRegistry({ url: secure.url, tls });
    expect(await registry.register('items-value', schema)).toBeGreaterThan(0);
  });

  test('shows its own certificate when it was given one', async () => {
    const tls = { ca: testCertificate, cert: testCertificate, key: testCertificateKey };
    await confluentRegistry({ url: secure.url, tls }).register('items-value', schema);
    expect(secure.clientNames).toContain('localhost');
  });

  test.each<[string, (url: string) => Partial<ConfluentRegistryOptions>, string]>([
    ['nobody vouches for', (url) => ({ url }), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [
      'is for another host',
      (url) => ({ url: url.replace('localhost', '127.0.0.1'), tls: { ca: testCertificate } }),
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    ['is compared with no certificate', (url) => ({ url, tls: { ca: 'no PEM' } }), 'look at `tls`'],
  ])('refuses for good a certificate that %s', async (_, options, message) => {
    const error = await failure(options(secure.url));
    expect(error).toMatchObject({ code: 'STREAMS_REGISTRY_REFUSED', retryable: false });
    expect(error.message).toContain(message);
    expect(secure.asked).toEqual([]);
  });

  test('refuses for good to speak TLS with what speaks none', async () => {
    const error = await failure({ url: server.url.replace('http:', 'https:') });
    expect(error).toMatchObject({ code: 'STREAMS_REGISTRY_REFUSED', retryable: false });
  });
});

test('an idle connection does not keep the process', async () => {
  const module = new URL('./index.ts', import.meta.url).href;
  const program = `
    const { confluentRegistry } = await import(${JSON.stringify(module)});
    await confluentRegistry({ url: ${JSON.stringify(server.url)} }).register('a-value', 'string');
    console.log('asked');`;
  const words = ['--import', 'tsx', '--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: 20_000 });
  expect(stdout).toBe('asked\n');
  expect(server.versions('a-value')).toHaveLength(1);
});
