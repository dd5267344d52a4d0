package bench;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.KeyValueStore;

/** The programs that are not Nexmark's; ../../../../../millrace/topologies.ts is their twin. */
final class Topologies {
  private static final Serde<String> TEXT = Serdes.String();
  private static final Serde<byte[]> BYTES = Serdes.ByteArray();
  private static final Serde<Long> LONG = Serdes.Long();

  private final StreamsBuilder builder;
  private final Options options;
  private final String output;

  private Topologies(StreamsBuilder builder, Options options) {
    this.builder = builder;
    this.options = options;
    this.output = options.text("output");
  }

  static void define(String program, StreamsBuilder builder, Options options) {
    Topologies topologies = new Topologies(builder, options);
    switch (program) {
      case "map" -> topologies.map();
      case "count" -> topologies.count();
      case "windowed" -> topologies.windowedCount();
      case "join" -> topologies.join();
      case "repartition" -> topologies.repartition();
      case "latency" -> topologies.latency();
      case "big" -> topologies.bigTable();
      default -> throw new IllegalArgumentException("no program '" + program + "'");
    }
  }

  private void map() {
    read("events", TEXT)
        .mapValues(value -> value.toUpperCase(Locale.ROOT))
        .to(output, Produced.with(TEXT, TEXT));
  }

  private void count() {
    read("events", BYTES)
        .groupByKey(Grouped.with(TEXT, BYTES))
        .count(Materialized.as("counts"))
        .toStream()
        .to(output, Produced.with(TEXT, LONG));
  }

  private void windowedCount() {
    read("events", BYTES)
        .groupByKey(Grouped.with(TEXT, BYTES))
        .windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofSeconds(10)))
        .count(Materialized.as("windows"))
        .toStream((key, count) -> key.key() + "@" + key.window().start())
        .to(output, Produced.with(TEXT, LONG));
  }

  private void join() {
    KTable<String, String> customers =
        builder.table(
            options.topic("customers"), Consumed.with(TEXT, TEXT), Materialized.as("customers"));
    read("events", TEXT)
        .join(customers, (event, customer) -> event + customer, Joined.with(TEXT, TEXT, TEXT))
        .to(output, Produced.with(TEXT, TEXT));
  }

  /** 10,000 keys become 1,000. */
  private void repartition() {
    read("events", TEXT)
        .selectKey((key, value) -> "r" + key.substring(2))
        .groupByKey(Grouped.<String, String>as("by-suffix").withKeySerde(TEXT).withValueSerde(TEXT))
        .count(Materialized.as("counts"))
        .toStream()
        .to(output, Produced.with(TEXT, LONG));
  }

  /** In: 8 bytes of microseconds and padding. Out: 8 bytes of count, the microseconds last seen. */
  private void latency() {
    read("latency", BYTES)
        .groupByKey(Grouped.with(TEXT, BYTES))
        .aggregate(
            () -> new byte[16],
            (key, value, seen) ->
                ByteBuffer.allocate(16)
                    .putLong(ByteBuffer.wrap(seen).getLong() + 1)
                    .put(value, 0, 8)
                    .array(),
            Topologies.<byte[]>store("seen").withKeySerde(TEXT).withValueSerde(BYTES))
        .toStream()
        .to(output, Produced.with(TEXT, BYTES));
  }

  /** Keeps every value, and writes the first 8 bytes of each. */
  private void bigTable() {
    read("big", BYTES)
        .toTable(Topologies.<byte[]>store("big").withKeySerde(TEXT).withValueSerde(BYTES))
        .toStream()
        .mapValues(value -> Arrays.copyOf(value, 8))
        .to(output, Produced.with(TEXT, BYTES));
  }

  private <V> KStream<String, V> read(String topic, Serde<V> value) {
    return builder
        .stream(options.topic(topic), Consumed.with(TEXT, value))
        .peek((key, ignored) -> Report.recordHandled());
  }

  private static <V> Materialized<String, V, KeyValueStore<Bytes, byte[]>> store(String name) {
    return Materialized.as(name);
  }
}
