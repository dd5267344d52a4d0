package bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The ceiling: consume, transform, produce, exactly once, without a library on top. */
final class BareLoop {
  private static final Duration IDLE = Duration.ofMillis(100);
  private static final Duration DRAINED = Duration.ofMillis(20);

  private final KafkaConsumer<String, String> consumer;
  private final KafkaProducer<String, String> producer;
  private final String output;
  private final int transactionRecords;
  private volatile boolean stopped;

  private BareLoop(Options options) {
    output = options.text("output");
    transactionRecords = options.number("transactionRecords", 2_000);
    consumer = new KafkaConsumer<>(consuming(options), new StringDeserializer(), new StringDeserializer());
    producer = new KafkaProducer<>(producing(options), new StringSerializer(), new StringSerializer());
  }

  static void run(Options options) throws InterruptedException {
    BareLoop loop = new BareLoop(options);
    loop.producer.initTransactions();
    loop.consumer.subscribe(List.of(options.topic("events")));
    Thread worker = new Thread(loop::work);
    worker.start();
    Main.untilTold(() -> loop.stop(worker));
  }

  private void work() {
    while (!stopped) {
      ConsumerRecords<String, String> records = consumer.poll(IDLE);
      if (!records.isEmpty()) transact(records);
    }
    consumer.close();
    producer.close();
  }

  /** Polls on until the transaction is full or the input is drained. */
  private void transact(ConsumerRecords<String, String> first) {
    producer.beginTransaction();
    int sent = 0;
    for (var records = first; !records.isEmpty(); records = consumer.poll(DRAINED)) {
      for (var record : records) {
        Report.recordHandled();
        String value = record.value().toUpperCase(Locale.ROOT);
        producer.send(new ProducerRecord<>(output, null, record.timestamp(), record.key(), value));
      }
      sent += records.count();
      if (sent >= transactionRecords) break;
    }
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (TopicPartition partition : consumer.assignment()) {
      offsets.put(partition, new OffsetAndMetadata(consumer.position(partition)));
    }
    producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
    producer.commitTransaction();
  }

  private void stop(Thread worker) {
    stopped = true;
    try {
      worker.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Properties consuming(Options options) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", options.text("bootstrap"));
    settings.put("group.id", options.text("application"));
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.auto.commit", "false");
    settings.put("isolation.level", "read_committed");
    settings.put("max.poll.records", String.valueOf(transactionRecords));
    return settings;
  }

  private static Properties producing(Options options) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", options.text("bootstrap"));
    settings.put("transactional.id", options.text("application"));
    settings.put("compression.type", "lz4");
    settings.put("linger.ms", "5");
    settings.put("batch.size", "65536");
    return settings;
  }
}
