package bench;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Feeds the big table 100 records a second, and reports each output with the moment at which its
 * input was sent: so the harness sees how long after a kill the outputs come again.
 */
final class TickProbe {
  private static final int VALUE_BYTES = 500;
  private static final int TICK_MS = 10;

  private TickProbe() {}

  static void run(Options options) throws InterruptedException {
    KafkaConsumer<byte[], byte[]> watcher = ProbeClients.watcher(options);
    Thread sender = new Thread(() -> send(options));
    sender.setDaemon(true);
    sender.start();
    while (true) {
      for (var record : watcher.poll(Duration.ofMillis(50))) {
        long sentMs = ByteBuffer.wrap(record.value()).getLong() / 1_000;
        Report.event("output", "sentMs", sentMs);
      }
    }
  }

  private static void send(Options options) {
    int keys = options.number("keys", 1_000_000);
    Random random = new Random();
    try (KafkaProducer<byte[], byte[]> sender = ProbeClients.sender(options)) {
      while (true) {
        byte[] key = String.format("b%08d", random.nextInt(keys)).getBytes();
        byte[] value =
            ByteBuffer.allocate(VALUE_BYTES).putLong(ProbeClients.nowMicros()).array();
        sender.send(new ProducerRecord<>(options.topic("big"), key, value));
        Thread.sleep(TICK_MS);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
