package bench;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** Runs a topology with Kafka Streams' defaults, but for what the options name. */
final class StreamsProgram {
  private StreamsProgram() {}

  static void run(Options options) throws InterruptedException {
    StreamsBuilder builder = new StreamsBuilder();
    String program = options.text("program");
    if (program.startsWith("nexmark-")) NexmarkQueries.define(program, builder, options);
    else Topologies.define(program, builder, options);

    Properties settings = settings(options);
    KafkaStreams streams = new KafkaStreams(builder.build(settings), settings);
    streams.setUncaughtExceptionHandler(
        failure -> {
          failure.printStackTrace();
          Runtime.getRuntime().halt(3);
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    reportRestoring(streams);
    streams.start();
    Main.untilTold(() -> streams.close(leavingTheGroup()));
  }

  private static Properties settings(Options options) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, options.text("application"));
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.text("bootstrap"));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, options.text("state"));
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, options.number("threads", 1));
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    if (options.has("commitMs")) {
      settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, options.number("commitMs", 100));
    }
    if (options.text("cache", "on").equals("off")) {
      settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    }
    if (options.has("sessionMs")) {
      String session = StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG);
      settings.put(session, options.number("sessionMs", 45_000));
    }
    return settings;
  }

  /** By default the next start would wait until this member's session has timed out. */
  private static CloseOptions leavingTheGroup() {
    return CloseOptions.timeout(Duration.ofSeconds(60))
        .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
  }

  private static void reportRestoring(KafkaStreams streams) {
    AtomicLong restored = new AtomicLong();
    AtomicLong startedMs = new AtomicLong();
    AtomicLong endedMs = new AtomicLong();
    streams.setGlobalStateRestoreListener(
        new StateRestoreListener() {
          @Override
          public void onRestoreStart(TopicPartition changelog, String store, long from, long to) {
            startedMs.compareAndSet(0, System.currentTimeMillis());
          }

          @Override
          public void onBatchRestored(
              TopicPartition changelog, String store, long end, long records) {
            restored.addAndGet(records);
          }

          @Override
          public void onRestoreEnd(TopicPartition changelog, String store, long records) {
            endedMs.set(System.currentTimeMillis());
          }
        });
    streams.setStateListener(
        (now, before) -> {
          if (now != KafkaStreams.State.RUNNING) return;
          long tookMs = Math.max(0, endedMs.get() - startedMs.get());
          Report.event("running", "restoredRecords", restored.get(), "restoreMs", tookMs);
        });
  }
}
