/** How the database is named. */

export interface MysqlOptions {
  /** `mysql://user:password@host:port/database`. Never shown, in errors neither. */
  readonly url: string;
}

export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const defaultPort = 3306;

/** @throws Error when it is none; without showing it, since it may hold a password. */
export function mysqlAddressOf(url: string): MysqlAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const database = decodeURIComponent(parsed?.pathname.slice(1) ?? '');
  if (parsed?.protocol !== 'mysql:' || parsed.hostname === '' || database === '') {
    throw new Error(
      "the address of MySQL is not of the form 'mysql://user:password@host/database'",
    );
  }
  return {
    // An IPv6 address stands in brackets.
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? defaultPort : Number(parsed.port),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database,
  };
}
