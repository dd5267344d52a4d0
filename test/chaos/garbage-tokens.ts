/** Access tokens and webhook signatures that must not be believed. */
import { createHmac } from 'node:crypto';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(header: unknown, payload: unknown, secret: string, algorithm = 'sha256'): string {
  const content = `${encode(header)}.${encode(payload)}`;
  return `${content}.${createHmac(algorithm, secret).update(content).digest('base64url')}`;
}

/** `Authorization` headers made from a good token and the secret that signed it. */
export function badAuthorizations(good: string, secret: string): [wrong: string, header: string][] {
  const [head = '', content = '', signature = ''] = good.split('.');
  const payload = JSON.parse(Buffer.from(content, 'base64url').toString()) as object;
  const hs256 = { alg: 'HS256', typ: 'JWT' };
  const hourAgo = Math.floor(Date.now() / 1_000) - 3_600;
  const raised = encode({ ...payload, roles: ['admin'], role: 'admin' });
  const nextYear = hourAgo + 31_000_000;
  const tokens: [string, string][] = [
    ['alg none', `${encode({ alg: 'none', typ: 'JWT' })}.${content}.`],
    ['alg none, signed', `${encode({ alg: 'none' })}.${content}.${signature}`],
    ['more roles, old signature', `${head}.${raised}.${signature}`],
    ['another secret', signed(hs256, payload, 'x'.repeat(43))],
    ['an empty secret', signed(hs256, payload, '')],
    ['HS512', signed({ alg: 'HS512', typ: 'JWT' }, payload, secret, 'sha512')],
    ['RS256 with the secret', signed({ alg: 'RS256', typ: 'JWT' }, payload, secret)],
    ['expired', signed(hs256, { ...payload, iat: hourAgo - 900, exp: hourAgo }, secret)],
    ['without an end', signed(hs256, { ...payload, exp: undefined }, secret)],
    ['without a user', signed(hs256, { ...payload, sub: undefined, userId: undefined }, secret)],
    ['of another issuer', signed(hs256, { ...payload, iss: 'elsewhere', exp: nextYear }, secret)],
    ['an empty payload', signed(hs256, {}, secret)],
    ['a null payload', signed(hs256, null, secret)],
    ['a list for payload', signed(hs256, [], secret)],
    ['roles are a number', signed(hs256, { ...payload, sub: 5, roles: 7 }, secret)],
    ['cut off', good.slice(0, -4)],
    ['no dots', 'garbage'],
    ['only dots', '..'],
    ['not base64', '%%%.%%%.%%%'],
    ['long', 'x'.repeat(8_000)],
  ];
  return [
    ...tokens.map(([wrong, token]): [string, string] => [wrong, `Bearer ${token}`]),
    ['Bearer alone', 'Bearer'],
    ['Basic', `Basic ${Buffer.from('admin:admin').toString('base64')}`],
    ['another scheme', `Token ${good}`],
  ];
}

/** The header of a webhook whose signature is right for this body and time. */
export function webhookSignature(body: string, secret: string, atMs = Date.now()): string {
  const time = Math.floor(atMs / 1_000);
  const mac = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return `t=${time},v1=${mac}`;
}
