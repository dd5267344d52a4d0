/** The connection to Elasticsearch: what is asked of it and how long an answer may take. */
import { Client } from '@elastic/elasticsearch';

export interface ElasticsearchOptions {
  /** `http://localhost:9200`, or several nodes of one cluster. Credentials do not belong here. */
  readonly nodes: string | readonly string[];
  readonly auth?:
    | { readonly username: string; readonly password: string }
    | { readonly apiKey: string }
    | undefined;
  /** PEM of the authority that signed the nodes' certificates; absent: those of Node. */
  readonly certificateAuthority?: string | undefined;
  /** Begins the name of each index, so that several shops fit in one cluster: lower case. */
  readonly namespace: string;
  /** Of each index that is made from now on. @defaultValue 1 */
  readonly shards?: number | undefined;
  /** Copies beside the first of each shard. @defaultValue one as soon as there is a second node */
  readonly replicas?: number | undefined;
  /** A whole read, in milliseconds, however many requests it takes. @defaultValue 1_500 */
  readonly readTimeoutMs?: number | undefined;
  /** One request that writes, in milliseconds. @defaultValue 10_000 */
  readonly writeTimeoutMs?: number | undefined;
}

export const defaultReadTimeoutMs = 1_500;
const defaultWriteTimeoutMs = 10_000;
/** Elasticsearch allows 255 bytes for the name of an index, ours take up to 60 of them. */
const namespacePattern = /^[a-z0-9][a-z0-9_-]{0,99}$/;

/** Connects when it is first asked something, and again whenever a connection is gone. */
export function openClient(options: ElasticsearchOptions): Client {
  const { auth, certificateAuthority: ca, nodes, namespace } = options;
  if (!namespacePattern.test(namespace)) {
    throw new Error(
      `namespace '${namespace}' cannot begin the name of an index: up to 100 of a-z, 0-9, - and _`,
    );
  }
  const settings: ConstructorParameters<typeof Client>[0] = {
    nodes: typeof nodes === 'string' ? nodes : [...nodes],
    // Whoever asks knows better whether it is worth asking again.
    maxRetries: 0,
    requestTimeout: options.writeTimeoutMs ?? defaultWriteTimeoutMs,
    compression: false,
    enableMetaHeader: false,
    redaction: { type: 'remove' },
    ...(auth && { auth }),
    ...(ca !== undefined && { tls: { ca } }),
  };
  return new Client(settings);
}
