/**
 * The tables on MySQL, from version to version. What stands here has been run somewhere: it is never
 * changed, only followed by another version.
 *
 * Keys are VARBINARY: compared byte by byte, so that case, accents and spaces at the end count, on
 * MySQL as on MariaDB, which share no collation that does so.
 */

/** Each version's statements. They may be run again after a crash, since DDL is never rolled back. */
export type Migrations = readonly (readonly string[])[];

const key = 'VARBINARY(1024) NOT NULL';
const storage = 'ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';

const documentColumns = `entry_key ${key}, value MEDIUMTEXT NOT NULL`;

/** The row without a topic says which copy this was; it is what writers take turns on. */
function positions(view: string): string {
  return `CREATE TABLE IF NOT EXISTS ${view}_positions (
    topic VARBINARY(255) NOT NULL,
    partition_number INT NOT NULL,
    next_offset BIGINT NOT NULL,
    PRIMARY KEY (topic, partition_number)
  ) ${storage}`;
}

/** A view of documents and its positions. `more` are columns and indexes. */
function documents(view: string, more = ''): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${view} (
      ${documentColumns}, ${more} PRIMARY KEY (entry_key)
    ) ${storage}`,
    positions(view),
  ];
}

const views = [
  ...documents('carts'),
  ...documents('wishlists'),
  ...documents('payments'),
  ...documents(
    'live_orders',
    `user_id ${key}, is_listed TINYINT NOT NULL, created_at BIGINT NOT NULL,
     INDEX live_orders_of_user (user_id, is_listed, created_at, entry_key),`,
  ),
  ...documents(
    'findings',
    `found_at BIGINT NOT NULL, resolved_at BIGINT,
     INDEX findings_newest (found_at, entry_key),
     INDEX findings_open (resolved_at, found_at, entry_key),`,
  ),
  ...documents(
    'notifications',
    `user_id ${key}, at BIGINT NOT NULL,
     INDEX notifications_of_user (user_id, at, entry_key),`,
  ),
  `CREATE TABLE IF NOT EXISTS stock_levels (
    sku ${key},
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (sku)
  ) ${storage}`,
  `CREATE TABLE IF NOT EXISTS warehouse_stock (
    sku ${key},
    warehouse_id VARBINARY(255) NOT NULL,
    on_hand BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    received BIGINT NOT NULL,
    adjusted BIGINT NOT NULL,
    shipped BIGINT NOT NULL,
    PRIMARY KEY (sku, warehouse_id),
    CHECK (0 <= reserved AND reserved <= on_hand),
    FOREIGN KEY (sku) REFERENCES stock_levels (sku) ON DELETE CASCADE
  ) ${storage}`,
  positions('inventory'),
];

const users = [
  `CREATE TABLE IF NOT EXISTS users (
    id ${key},
    email VARBINARY(1024) NOT NULL,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE INDEX users_by_email (email)
  ) ${storage}`,
  `CREATE TABLE IF NOT EXISTS user_addresses (
    position BIGINT NOT NULL AUTO_INCREMENT,
    user_id ${key},
    id ${key},
    address MEDIUMTEXT NOT NULL,
    PRIMARY KEY (position),
    UNIQUE INDEX user_addresses_by_id (user_id, id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
  ) ${storage}`,
  `CREATE TABLE IF NOT EXISTS refresh_tokens (
    token_hash VARBINARY(255) NOT NULL,
    user_id ${key},
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (token_hash),
    INDEX refresh_tokens_by_expiry (expires_at),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
  ) ${storage}`,
  `CREATE TABLE IF NOT EXISTS users_outbox (
    id BIGINT NOT NULL,
    user_id ${key},
    event MEDIUMTEXT NOT NULL,
    PRIMARY KEY (id)
  ) ${storage}`,
  // Who takes a number holds the row until the commit: numbers are in the order of commits.
  `CREATE TABLE IF NOT EXISTS users_outbox_counter (
    id TINYINT NOT NULL,
    last_id BIGINT NOT NULL,
    PRIMARY KEY (id)
  ) ${storage}`,
  'INSERT IGNORE INTO users_outbox_counter VALUES (1, 0)',
];

const answers = [
  `CREATE TABLE IF NOT EXISTS answers (
    scope ${key},
    request_key ${key},
    fingerprint VARBINARY(255) NOT NULL,
    status_code INT NOT NULL,
    body MEDIUMTEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (scope, request_key),
    INDEX answers_by_age (saved_at)
  ) ${storage}`,
];

export const migrations: Migrations = [[...views, ...users, ...answers]];
