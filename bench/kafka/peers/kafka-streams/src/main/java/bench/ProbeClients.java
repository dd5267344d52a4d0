package bench;

import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What a probe sends with, and what it watches the output with. */
final class ProbeClients {
  private ProbeClients() {}

  static KafkaProducer<byte[], byte[]> sender(Options options) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", options.text("bootstrap"));
    settings.put("linger.ms", "0");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Sees what is committed from now on, in every partition of the output. */
  static KafkaConsumer<byte[], byte[]> watcher(Options options) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", options.text("bootstrap"));
    settings.put("isolation.level", "read_committed");
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    String topic = options.text("output");
    List<TopicPartition> partitions =
        IntStream.range(0, consumer.partitionsFor(topic).size())
            .mapToObj(partition -> new TopicPartition(topic, partition))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position); // Seeks now, not at the first poll.
    return consumer;
  }

  static long nowMicros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }
}
