/** A registry that does not answer, and one that will not until something is changed. */
import { StreamsError } from '../../errors.ts';

export function unavailable(address: string, reason: string, cause?: unknown): StreamsError {
  const message = `the schema registry at ${address} cannot be asked now: ${reason}`;
  return new StreamsError('STREAMS_REGISTRY_UNAVAILABLE', message, { cause, retryable: true });
}

export function refused(address: string, reason: string, cause?: unknown): StreamsError {
  const message = `the schema registry at ${address} cannot be used: ${reason}`;
  return new StreamsError('STREAMS_REGISTRY_REFUSED', message, { cause });
}

/** What a request that got no reply died of. */
export function failureOf(address: string, timeoutMs: number, cause: unknown): StreamsError {
  const { name, message, code } = errorIn(cause);
  if (name === 'TimeoutError') {
    return unavailable(address, `no answer within ${timeoutMs} ms`, cause);
  }
  if (name === 'AbortError') return unavailable(address, 'the question was taken back', cause);
  if (isDistrust(code)) {
    const remedy = 'look at `tls`, at the host in the address and in the certificate';
    return refused(address, `no trust by TLS (${code}); ${remedy}`, cause);
  }
  return unavailable(address, message || code, cause);
}

/** By its properties: an error of the platform may come from another realm than ours. */
function errorIn(cause: unknown): { name: string; message: string; code: string } {
  const { name = '', message = '', code = '' } = cause as Partial<NodeJS.ErrnoException>;
  return { name, message, code: String(code) };
}

/** The codes of OpenSSL and Node for certificates and handshakes: they do not pass by themselves. */
function isDistrust(code: string): boolean {
  return /CERT|^ERR_(SSL|TLS|OSSL)_|SIGNATURE$/.test(code);
}
