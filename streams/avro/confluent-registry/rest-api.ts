/**
 * Confluent's REST API, a request at a time. Whatever can go wrong below the meaning of an answer
 * ends here as a StreamsError that says whether to try again.
 */
import { Agent, request } from 'undici';
import { type Answer, answerOf, type Reply } from './answer.ts';
import {
  addressOf,
  agentOptions,
  authorizationOf,
  checkMilliseconds,
  type RegistryConnection,
} from './connection.ts';
import { failureOf } from './refusals.ts';

/**
 * @throws StreamsError `STREAMS_REGISTRY_UNAVAILABLE` (retryable) when there is no answer now,
 *   `STREAMS_REGISTRY_REFUSED` when there will be none until something is changed.
 */
export type Ask = (method: 'GET' | 'POST', path: string, body?: object) => Promise<Answer>;

const mediaType = 'application/vnd.schemaregistry.v1+json';
const defaultTimeoutMs = 5_000;

/** Opens nothing before the first question; idle connections do not keep the process. */
export function restApi(connection: RegistryConnection): Ask {
  const address = addressOf(connection.url);
  const headers = {
    ...authorizationOf(connection.auth),
    accept: `${mediaType}, application/json`,
  };
  const { requestTimeoutMs = defaultTimeoutMs, signal } = connection;
  checkMilliseconds('requestTimeoutMs', requestTimeoutMs, 1);
  const dispatcher = new Agent(agentOptions(connection));

  const reply = async (method: 'GET' | 'POST', path: string, body?: object): Promise<Reply> => {
    const timeout = AbortSignal.timeout(requestTimeoutMs);
    // Redirects are answers like any other here: what follows them would carry the credentials.
    const {
      statusCode,
      headers: replied,
      body: text,
    } = await request(`${address}${path}`, {
      dispatcher,
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': mediaType },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    return { status: statusCode, location: replied.location, text: await text.text() };
  };

  return async (method, path, body) => {
    let replied: Reply;
    try {
      replied = await reply(method, path, body);
    } catch (cause) {
      throw failureOf(address, requestTimeoutMs, cause);
    }
    return answerOf(address, replied);
  };
}
