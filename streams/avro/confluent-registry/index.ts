export { type ConfluentRegistryOptions, confluentRegistry } from './confluent-registry.ts';
export type { RegistryConnection, RegistryCredentials } from './connection.ts';
