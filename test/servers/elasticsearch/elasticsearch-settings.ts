/**
 * What Elasticsearch is told, as in `elasticsearch.yml`. docker-compose.yml has the same; a test
 * compares the two.
 */
export const elasticsearchSettings = {
  'cluster.name': 'millrace',
  // It elects itself, and skips the checks of a cluster in production.
  'discovery.type': 'single-node',
  // This machine only: nobody has to sign in.
  'xpack.security.enabled': 'false',
  // A developer's disk is often nearly full, and an index that is read-only then surprises.
  'cluster.routing.allocation.disk.threshold_enabled': 'false',
  // A misspelt name must fail, and not make an index.
  'action.auto_create_index': 'false',
} as const;
