/** Where a registry is and how to reach it: what a user gives, checked and with its defaults. */
import type { Agent } from 'undici';
import { StreamsError } from '../../errors.ts';

export type RegistryCredentials =
  | { readonly username: string; readonly password: string }
  /** Sent as `Authorization: Bearer`. */
  | { readonly token: string };

export interface RegistryConnection {
  /**
   * Where the API begins: `https://registry:8081`, or for Apicurio `…/apis/ccompat/v7`. Without
   * credentials: errors name it.
   *
   * @see schema.registry.url
   */
  readonly url: string;
  readonly auth?: RegistryCredentials | undefined;
  /** PEM texts: `ca` instead of the authorities that Node trusts, `cert` and `key` for mutual TLS. */
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
      }
    | undefined;
  /** How long one request may take, in milliseconds. @defaultValue 5_000 */
  readonly requestTimeoutMs?: number | undefined;
  /** Aborted when nobody wants an answer any more, for instance because the process ends. */
  readonly signal?: AbortSignal | undefined;
}

/** A start asks for dozens of schemas at once; a registry is not to be flooded by it. */
const connections = 8;

/** Far above any schema. */
const maxResponseSize = 16 * 1024 * 1024;

/** The address without a slash at its end. @throws StreamsError `STREAMS_CONFIG_INVALID` */
export function addressOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw invalid('url is not an address that begins with http:// or https://');
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw invalid('url holds credentials, which would be printed with it: give them as `auth`');
  }
  if (parsed.search !== '' || parsed.hash !== '') {
    throw invalid('url goes on after its path: give the address where the API begins');
  }
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`;
}

/** @throws StreamsError `STREAMS_CONFIG_INVALID` for credentials that HTTP cannot carry. */
export function authorizationOf(auth: RegistryCredentials | undefined): Record<string, string> {
  if (auth === undefined) return {};
  if ('token' in auth) {
    // The end of a line comes with many a token that was read from a file.
    if (!/^[\x21-\x7e]+$/.test(auth.token))
      throw invalid('auth.token has white space in it, or more');
    return { authorization: `Bearer ${auth.token}` };
  }
  const { username, password } = auth;
  if (username.includes(':')) throw invalid('auth.username has a colon in it');
  const encoded = Buffer.from(`${username}:${password}`).toString('base64');
  return { authorization: `Basic ${encoded}` };
}

export function agentOptions({ tls = {} }: RegistryConnection): Agent.Options {
  const given = Object.entries(tls).filter(([, pem]) => pem !== undefined);
  return { connections, maxResponseSize, connect: Object.fromEntries(given) };
}

/** What a timer can wait for. */
const mostMs = 2 ** 31 - 1;

/** @throws StreamsError `STREAMS_CONFIG_INVALID` */
export function checkMilliseconds(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least && value <= mostMs) return;
  throw invalid(`${name} is ${value}: give a whole number from ${least} to ${mostMs}`);
}

function invalid(fault: string): StreamsError {
  return new StreamsError('STREAMS_CONFIG_INVALID', `the schema registry's ${fault}`);
}
