/**
 * What makes Apicurio Registry answer as Confluent's registry does, as environment variables: the
 * form in which docker-compose.yml has them too. A test compares the two.
 */
export const registrySettings = {
  // The level that Confluent's begins with; Apicurio's own is to take everything.
  APICURIO_RULES_GLOBAL_COMPATIBILITY: 'BACKWARD',
  // The same schema with other white space is the same schema.
  APICURIO_CCOMPAT_USE_CANONICAL_HASH: 'true',
  APICURIO_REST_DELETION_ARTIFACT_ENABLED: 'true',
  APICURIO_REST_DELETION_ARTIFACT_VERSION_ENABLED: 'true',
  APICURIO_REST_DELETION_GROUP_ENABLED: 'true',
  QUARKUS_LOG_LEVEL: 'WARN',
} as const;

/** Confluent's API, below the registry's address. */
export const registryPath = '/apis/ccompat/v7';

/** Schemas in Kafka, as Confluent's registry keeps them. */
export function storedInKafka(bootstrapServers: string) {
  return {
    APICURIO_STORAGE_KIND: 'kafkasql',
    APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: bootstrapServers,
  };
}

/** Schemas that end with the process. */
export const storedInMemory = {
  APICURIO_STORAGE_KIND: 'sql',
  APICURIO_STORAGE_SQL_KIND: 'h2',
  APICURIO_DATASOURCE_URL: 'jdbc:h2:mem:registry',
};
