/** How Redis is set up wherever it runs: for tests, by `npm run servers`, in docker-compose.yml. */

/**
 * Every directive. What is written is on disk within a second; a server that is full says so and
 * drops nothing, since what it holds is read as the truth; keys that expire are told of.
 */
export const redisSettings = {
  appendonly: 'yes',
  appendfsync: 'everysec',
  maxmemory: '384mb',
  'maxmemory-policy': 'noeviction',
  'notify-keyspace-events': 'Ex',
  // The append-only file is what is kept; snapshots would only cost memory.
  save: '',
} as const;
