/**
 * A registry in this process, for tests: speaks the part of Confluent's API that we use, over HTTP or
 * TLS, and fails in the way that a test asks for. Its ids have gaps; it checks nothing on its own.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { canonicalText } from '../definition.ts';
import type { AvroJson } from '../registry.ts';
import { testCertificate, testCertificateKey } from './test-certificate.ts';

export interface Asked {
  readonly method: string;
  /** With its query, as it was sent. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface FixtureReply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

interface Version {
  readonly id: number;
  readonly schema: string;
  readonly schemaType?: string;
  readonly references?: readonly object[];
}

const asksForCertificates = { requestCert: true, rejectUnauthorized: false };

export class RegistryFixture {
  readonly asked: Asked[] = [];
  /** Whose certificates were shown. */
  readonly clientNames: string[] = [];
  /** What answers before the registry does; `silence` never answers. */
  instead: (asked: Asked) => FixtureReply | 'silence' | 'hang-up' | undefined = () => undefined;
  readonly #subjects = new Map<string, Version[]>();
  readonly #server: ReturnType<typeof createServer>;
  readonly #scheme: string;
  #lastId = 100;

  private constructor(tls: boolean) {
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    };
    const options = { cert: testCertificate, key: testCertificateKey, ...asksForCertificates };
    this.#server = tls ? createTlsServer(options, listener) : createServer(listener);
    this.#scheme = tls ? 'https' : 'http';
  }

  static async open({ tls = false } = {}): Promise<RegistryFixture> {
    const fixture = new RegistryFixture(tls);
    await new Promise<void>((resolve) => fixture.#server.listen(0, resolve));
    return fixture;
  }

  get url(): string {
    return `${this.#scheme}://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The requests so far, as `GET /subjects`. */
  get lines(): string[] {
    return this.asked.map(({ method, path }) => `${method} ${path}`);
  }

  /** The ids of a subject's versions. */
  versions(subject: string): number[] {
    return this.#versions(subject).map(({ id }) => id);
  }

  /** Registers by the back door; answers the id. */
  put(subject: string, schema: AvroJson, more: Omit<Version, 'id' | 'schema'> = {}): number {
    const text = JSON.stringify(schema);
    const id = this.#idOf(text) ?? this.#lastId + 7;
    this.#lastId = Math.max(this.#lastId, id);
    this.#subjects.set(subject, [...this.#versions(subject), { id, schema: text, ...more }]);
    return id;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const asked = { method, path, headers, body };
    this.asked.push(asked);
    const { socket } = request;
    if (socket instanceof TLSSocket)
      this.clientNames.push(String(socket.getPeerCertificate().subject?.CN));
    const reply = this.instead(asked) ?? this.#answer(asked);
    if (reply === 'silence') return;
    if (reply === 'hang-up') {
      response.destroy();
      return;
    }
    const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
    response.writeHead(reply.status, reply.headers).end(text);
  }

  #answer({ method, path, body }: Asked): FixtureReply {
    const [, kind, name = '', versions, version] = (path.split('?')[0] ?? '')
      .split('/')
      .map(decodeURIComponent);
    if (kind === 'schemas') return this.#byId(Number(versions));
    if (kind === 'compatibility') return { status: 404, body: { error_code: 404 } };
    const held = this.#versions(name);
    if (method === 'GET') {
      const at = version === 'latest' ? held.length - 1 : Number(version) - 1;
      const found = held[at];
      if (found === undefined) return absent(held.length === 0 ? 40401 : 40402);
      return { status: 200, body: { subject: name, version: at + 1, ...found } };
    }
    const text = (JSON.parse(body) as { schema: string }).schema;
    const known = held.find(({ schema }) => sameText(schema, text));
    if (versions === undefined) {
      return known ? { status: 200, body: { subject: name, ...known } } : absent(40403);
    }
    return { status: 200, body: { id: known?.id ?? this.put(name, JSON.parse(text)) } };
  }

  #byId(id: number): FixtureReply {
    const found = this.#all().find((held) => held.id === id);
    if (found === undefined) return absent(40403);
    const { id: _, ...schema } = found;
    return { status: 200, body: schema };
  }

  #idOf(text: string): number | undefined {
    return this.#all().find(({ schema }) => sameText(schema, text))?.id;
  }

  #all(): Version[] {
    return [...this.#subjects.values()].flat();
  }

  #versions(subject: string): readonly Version[] {
    return this.#subjects.get(subject) ?? [];
  }
}

function absent(error_code: number): FixtureReply {
  return { status: 404, body: { error_code, message: 'not found' } };
}

function sameText(one: string, other: string): boolean {
  return canonicalText(JSON.parse(one)) === canonicalText(JSON.parse(other));
}
