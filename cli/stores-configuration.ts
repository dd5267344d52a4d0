/** The databases of the cluster profile, from the environment. */
import type { EnvironmentReader } from './environment-reader.ts';

export interface StoresConfiguration {
  /** Tells shops apart that share an Elasticsearch or a Redis. */
  readonly namespace: string;
  /** `mysql://user:password@host:port/database` */
  readonly mysql: string;
  readonly mongodb: {
    /** `mongodb://user:password@host:port,host:port` */
    readonly url: string;
    readonly database: string;
  };
  readonly elasticsearch: {
    readonly nodes: readonly string[];
    readonly auth: { readonly username: string; readonly password: string } | undefined;
  };
  /** `redis://user:password@host:port/0` */
  readonly redis: string;
  readonly cassandra: {
    /** `host` or `host:port`. */
    readonly contactPoints: readonly string[];
    readonly localDataCenter: string;
    readonly keyspace: string;
    /** Of a key space that is made, in the local datacenter. */
    readonly replicas: Readonly<Record<string, number>>;
    readonly credentials: { readonly username: string; readonly password: string } | undefined;
  };
}

/** Where `docker compose up` and `npm run servers` put them. */
const byDefault = {
  mysql: 'mysql://millrace:millrace@127.0.0.1:3306/millrace',
  mongodb: 'mongodb://127.0.0.1:27017',
  elasticsearch: 'http://127.0.0.1:9200',
  redis: 'redis://127.0.0.1:6379/0',
  cassandra: '127.0.0.1:9042',
};

export function readStores(read: EnvironmentReader): StoresConfiguration {
  return {
    namespace: identifier(read, 'MILLRACE_NAMESPACE'),
    mysql: url(read, 'MILLRACE_MYSQL', byDefault.mysql, ['mysql:']),
    mongodb: mongodb(read),
    elasticsearch: {
      nodes: lists(read, 'MILLRACE_ELASTICSEARCH', byDefault.elasticsearch),
      auth: read.credentials('MILLRACE_ELASTICSEARCH'),
    },
    redis: url(read, 'MILLRACE_REDIS', byDefault.redis, ['redis:', 'rediss:']),
    cassandra: cassandra(read),
  };
}

function cassandra(read: EnvironmentReader): StoresConfiguration['cassandra'] {
  const localDataCenter = read.text('MILLRACE_CASSANDRA_DATACENTER', 'datacenter1');
  return {
    contactPoints: lists(read, 'MILLRACE_CASSANDRA', byDefault.cassandra),
    localDataCenter,
    keyspace: identifier(read, 'MILLRACE_CASSANDRA_KEYSPACE'),
    replicas: { [localDataCenter]: read.whole('MILLRACE_CASSANDRA_REPLICATION', 1, 1, 15) },
    credentials: read.credentials('MILLRACE_CASSANDRA'),
  };
}

/** Names the variable and not its value, which may hold a password. */
function url(
  read: EnvironmentReader,
  name: string,
  otherwise: string,
  protocols: readonly string[],
): string {
  const text = read.text(name, otherwise);
  const isUrl = URL.canParse(text) && protocols.includes(new URL(text).protocol);
  if (!isUrl) read.fault(`${name} is no address: give one like '${otherwise}'`);
  return text;
}

/** Of several hosts it is no URL to Node. */
function mongodb(read: EnvironmentReader): StoresConfiguration['mongodb'] {
  const address = read.text('MILLRACE_MONGODB', byDefault.mongodb);
  if (!/^mongodb(\+srv)?:\/\/[^/\s]+/.test(address))
    read.fault(`MILLRACE_MONGODB is no address: give one like '${byDefault.mongodb}'`);
  return { url: address, database: identifier(read, 'MILLRACE_MONGODB_DATABASE') };
}

/** Separated by commas. */
function lists(read: EnvironmentReader, name: string, otherwise: string): readonly string[] {
  return read
    .text(name, otherwise)
    .split(',')
    .map((part) => part.trim());
}

function identifier(read: EnvironmentReader, variable: string): string {
  const name = read.text(variable, 'millrace');
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(name)) {
    read.fault(
      `${variable} is '${name}': give a letter, then letters, digits and '_', in lower case`,
    );
  }
  return name;
}
