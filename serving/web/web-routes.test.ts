import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { bundle } from './bundle.ts';
import { paths } from './storefront/routes.ts';
import { dashboardPaths, storefrontPaths, webRoutes } from './web-routes.ts';

let app: FastifyInstance;
beforeAll(async () => {
  app = fastify();
  await app.register(webRoutes);
});
afterAll(() => app.close());

test('the server and the router of the storefront know the same addresses', () => {
  expect(storefrontPaths).toEqual(paths);
});

test.each(storefrontPaths)(
  '%s is the storefront, so that it can be linked and reloaded',
  async (path) => {
    const answer = await app.inject(path.replace(':id', 'x'));
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.body).toMatch(/<script type="module" src="\/assets\/storefront-\w+\.js">/);
  },
);

test.each(dashboardPaths)('%s is the dashboard, a page of its own', async (path) => {
  const { body } = await app.inject(path);
  expect(body).toMatch(/src="\/assets\/dashboard-\w+\.js"/);
});

test('other addresses are left to the API', async () => {
  expect((await app.inject('/v1/nowhere')).statusCode).toBe(404);
  expect((await app.inject('/assets/nothing.js')).statusCode).toBe(404);
  expect((await app.inject('/assets/..%2fpage.ts')).statusCode).toBe(404);
});

test('a page runs only scripts of this server, and none inline', async () => {
  const { headers, body } = await app.inject('/');
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
  expect(body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/);
});

test('every asset that a page names is there, and may be kept for ever', async () => {
  for (const page of ['/', '/dashboard']) {
    const { body } = await app.inject(page);
    const named = [...body.matchAll(/"(\/assets\/[^"]+-[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(named).toHaveLength(2);
    for (const path of named) {
      const asset = await app.inject(path);
      expect(asset.statusCode).toBe(200);
      expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    }
  }
});

test('nothing is loaded from elsewhere', async () => {
  for (const { name, plain } of (await bundle()).assets.values()) {
    const text = plain.toString();
    const outside = [...text.matchAll(/https?:\/\/[^"'`\s)]+/g)].map(([url]) => url);
    // Names of XML namespaces look like addresses, but nobody asks them.
    expect([name, outside.filter((url) => !url.startsWith('http://www.w3.org/'))]).toEqual([
      name,
      [],
    ]);
    expect(text).not.toMatch(/@font-face|@import/);
  }
});

test('an asset comes compressed as the browser likes it, and the same', async () => {
  const { assets, pages } = await bundle();
  const url = `/assets/${pages.storefront.script}`;
  const plain = assets.get(pages.storefront.script)?.plain.toString();
  const get = (encoding: string) => app.inject({ url, headers: { 'accept-encoding': encoding } });

  const brotli = await get('gzip, deflate, br');
  expect(brotli.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(brotli.rawPayload).toString()).toBe(plain);
  const gzip = await get('gzip');
  expect(gzip.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(gzip.rawPayload).toString()).toBe(plain);
  const none = await get('identity');
  expect(none.headers['content-encoding']).toBeUndefined();
  expect(none.body).toBe(plain);
  expect(none.headers.vary).toBe('accept-encoding');
});

test('what the browser has is not sent again', async () => {
  const first = await app.inject('/');
  const again = await app.inject({
    url: '/',
    headers: { 'if-none-match': String(first.headers.etag) },
  });
  expect(again.statusCode).toBe(304);
  expect(again.body).toBe('');
  expect(again.headers['content-security-policy']).toBe(first.headers['content-security-policy']);
});

test('the storefront fits in 50 kB on the wire', async () => {
  const { assets, pages } = await bundle();
  const { script, style } = pages.storefront;
  const bytes = [script, style].map((name) => assets.get(name)?.brotli.length ?? Infinity);
  expect(bytes.reduce((sum, each) => sum + each)).toBeLessThan(50_000);
});
