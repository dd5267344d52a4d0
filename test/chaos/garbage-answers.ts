/** Throws a request as it is, however wrong, and says what is wrong with the answer. */
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Attack } from './garbage-attacks.ts';

const answerWithinMs = 20_000;

/** `null`: a clear refusal, or an answer that may be given. */
export async function faultOf(url: string, attack: Attack): Promise<string | null> {
  const answer = await send(url, attack).catch((error: Error) => error);
  if (answer instanceof Error) {
    // Whoever sends more than is taken may find the connection closed before it reads why.
    return attack.what.includes('huge') ? null : `was not answered: ${answer.message}`;
  }
  const { status, type, text } = answer;
  if (status >= 500) return `was answered ${status}: ${text.slice(0, 300)}`;
  if (status < 400)
    return attack.mustRefuse ? `was accepted: ${status} ${text.slice(0, 200)}` : null;
  if (attack.method === 'HEAD') return null;
  if (!type.startsWith('application/problem+json')) return `${status} is no problem+json: ${type}`;
  const { code, title, detail } = JSON.parse(text) as Record<string, unknown>;
  const clear = [code, title, detail].every((part) => typeof part === 'string' && part !== '');
  return clear ? null : `${status} is not clear: ${text.slice(0, 200)}`;
}

interface Told {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function send(url: string, { method, path, headers, body }: Attack): Promise<Told> {
  const { hostname, port } = new URL(url);
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const asked = request(
      { hostname, port, method, path, headers: { ...headers, ...length }, timeout: answerWithinMs },
      (answer) => {
        const status = answer.statusCode ?? 0;
        const type = answer.headers['content-type'] ?? '';
        const chunks: Buffer[] = [];
        const end = () => resolve({ status, type, text: Buffer.concat(chunks).toString() });
        // Streams of news do not end by themselves.
        if (status < 400 && /event-stream|ndjson/.test(type)) {
          asked.destroy();
          return end();
        }
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', end);
        answer.on('error', reject);
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`silent for ${answerWithinMs} ms`)));
    asked.on('error', reject);
    asked.end(body);
  });
}

/** What is not even HTTP: refused or hung up on, and the shop goes on. */
export async function nonsenseOnTheWire(url: string): Promise<string[]> {
  const faults: string[] = [];
  const nonsense = [
    'GARBAGE\r\n\r\n',
    '\0\0\0\0\0\0\0\0\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /healthz HTTP/1.1\r\n\r\n',
    'GET /v1/items/%%% HTTP/1.1\r\nhost: x\r\n\r\n',
    'GET /\u0000 HTTP/1.1\r\nhost: x\r\n\r\n',
    'POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
    'POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
    'POST /v1/sessions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\nabc',
    'POST /v1/sessions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n',
    `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  ];
  for (const bytes of nonsense) {
    const answer = await spoken(url, bytes);
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
    if (status >= 500 || (status > 0 && status < 400))
      faults.push(`${JSON.stringify(bytes.slice(0, 60))} was answered ${answer.slice(0, 100)}`);
  }
  return faults;
}

function spoken(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
  });
}
