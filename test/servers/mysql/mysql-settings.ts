/**
 * How the servers of MySQL's protocol are set, as options of `mysqld`: the form in which
 * docker-compose.yml has them too. A test compares the two. They hold for MySQL and for MariaDB.
 */
export const mysqlSettings = {
  'character-set-server': 'utf8mb4',
  // Shorter locks than by default; our own sessions say it once more.
  'transaction-isolation': 'READ-COMMITTED',
  'innodb-buffer-pool-size': '128M',
  // MariaDB begins with 16M, MySQL with this.
  'max-allowed-packet': '64M',
  'max-connections': '200',
  'performance-schema': 'OFF',
  // Nobody replicates from it; a commit is one fsync, not two.
  'skip-log-bin': '',
  'skip-name-resolve': '',
} as const;

/** `--name=value`, or `--name` for those without a value. */
export function mysqlArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).map(([name, value]) =>
    value === '' ? `--${name}` : `--${name}=${value}`,
  );
}

/** For tests and developers, on 127.0.0.1 only. */
export const mysqlUser = { user: 'millrace', password: 'millrace', database: 'millrace' } as const;
