/**
 * The settings of a Cassandra node that tests and benches run against: `cassandra.yaml` as JSON,
 * which YAML reads too.
 */

export interface NodePlace {
  readonly cqlPort: number;
  readonly storagePort: number;
  readonly folder: string;
}

/** What does not depend on the machine. docker-compose.yml says the same; a test compares them. */
export const clusterSettings = {
  cluster_name: 'millrace',
  // One node needs no virtual nodes, and the fewer there are the sooner it is ready.
  num_tokens: 1,
  // What is acknowledged is on the disk. By default a node that is alone loses up to 100 ms of it
  // when its process is killed, and 10 s with the machine.
  commitlog_sync: 'batch',
} as const;

/** As `cassandra.yaml` has them. Memory is for a node of half a gigabyte. */
export function nodeSettings({ cqlPort, storagePort, folder }: NodePlace): object {
  return {
    ...clusterSettings,
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    // Its datacenter is `datacenter1`, as that of the container.
    endpoint_snitch: 'SimpleSnitch',
    seed_provider: [
      {
        class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
        parameters: [{ seeds: `127.0.0.1:${storagePort}` }],
      },
    ],
    listen_address: '127.0.0.1',
    rpc_address: '127.0.0.1',
    storage_port: storagePort,
    ssl_storage_port: storagePort,
    native_transport_port: cqlPort,
    data_file_directories: [`${folder}/data`],
    commitlog_directory: `${folder}/commitlog`,
    saved_caches_directory: `${folder}/saved_caches`,
    hints_directory: `${folder}/hints`,
    cdc_raw_directory: `${folder}/cdc_raw`,
    memtable_heap_space: '64MiB',
    memtable_offheap_space: '64MiB',
    file_cache_size: '32MiB',
    networking_cache_size: '32MiB',
    key_cache_size: '4MiB',
    concurrent_reads: 16,
    // Each waits for the disk.
    concurrent_writes: 64,
    concurrent_compactors: 1,
    // A table that is dropped or emptied leaves nothing behind.
    auto_snapshot: false,
    hinted_handoff_enabled: false,
    storage_compatibility_mode: 'NONE',
    // A busy machine with two cores.
    read_request_timeout: '20000ms',
    range_request_timeout: '20000ms',
    write_request_timeout: '20000ms',
    cas_contention_timeout: '10000ms',
    truncate_request_timeout: '60000ms',
    request_timeout: '20000ms',
  };
}

/** Logs to standard output, where whoever started it looks for its being ready. */
export const logSettings = `<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level %date{ISO8601} %logger{20} %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="OUT"/></root>
  <logger name="org.apache.cassandra.service.CassandraDaemon" level="INFO"/>
</configuration>
`;

/** What Cassandra 5 asks of Java 17, as its own `jvm17-server.options` has it. */
export const javaArguments: readonly string[] = [
  '-Djdk.attach.allowAttachSelf=true',
  ...[
    'java.base/jdk.internal.misc',
    'java.management.rmi/com.sun.jmx.remote.internal.rmi',
    'java.rmi/sun.rmi.registry',
    'java.rmi/sun.rmi.server',
    'java.sql/java.sql',
    'java.base/java.lang.ref',
    'jdk.unsupported/sun.misc',
  ].map((name) => `--add-exports=${name}=ALL-UNNAMED`),
  ...[
    'java.base/java.lang.module',
    'java.base/jdk.internal.loader',
    'java.base/jdk.internal.ref',
    'java.base/jdk.internal.reflect',
    'java.base/jdk.internal.math',
    'java.base/jdk.internal.module',
    'java.base/jdk.internal.util.jar',
    'jdk.management/com.sun.management.internal',
    'java.base/sun.nio.ch',
    'java.base/java.io',
    'java.base/java.lang',
    'java.base/java.lang.reflect',
    'java.base/java.net',
    'java.base/java.nio',
    'java.base/java.util',
    'java.base/java.util.concurrent',
    'java.base/java.util.concurrent.atomic',
  ].map((name) => `--add-opens=${name}=ALL-UNNAMED`),
  '-XX:+UseSerialGC',
  '-XX:MaxDirectMemorySize=256m',
  '-XX:+ExitOnOutOfMemoryError',
  '-Xss512k',
  '-Djava.net.preferIPv4Stack=true',
  '-Dio.netty.tryReflectionSetAccessible=true',
  // One node has nobody to wait for.
  '-Dcassandra.skip_wait_for_gossip_to_settle=0',
  '-Dcassandra.ring_delay_ms=1',
  '-Dcassandra.superuser_setup_delay_ms=0',
  '-Dcassandra-foreground=yes',
  // A machine that was suspended is no reason to distrust the others.
  '-Dcassandra.max_local_pause_in_ms=60000',
];
