package bench;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * How long until a record that was due at a known moment has come out, committed. Any engine may
 * stand in the middle. A record is stamped with the moment at which it was due, so that a sender
 * that is held up counts as latency and does not hide it.
 */
final class LatencyProbe {
  private static final int KEYS = 10_000;
  private static final int VALUE_BYTES = 100;

  /** Of the output: the due time of its newest input, and when it was seen, in microseconds. */
  private record Seen(long dueMicros, long atMicros) {}

  private final List<Seen> seen = new ArrayList<>();
  private volatile boolean stopped;

  private LatencyProbe() {}

  static void run(Options options) throws InterruptedException {
    LatencyProbe probe = new LatencyProbe();
    KafkaConsumer<byte[], byte[]> watcher = ProbeClients.watcher(options);
    Thread reader = new Thread(() -> probe.watch(watcher));
    reader.start();
    int rate = options.number("rate", 1_000);
    int seconds = options.number("seconds", 30);
    int warmUpSeconds = options.number("warmUpSeconds", 10);
    int unmeasured = rate * warmUpSeconds;
    long measuredFrom = probe.send(options, rate, unmeasured, unmeasured + rate * seconds);
    Report.event("sent");
    Thread.sleep(2_000); // What is still under way comes out.
    probe.stopped = true;
    reader.join();
    probe.report(measuredFrom, rate * seconds);
  }

  private void watch(KafkaConsumer<byte[], byte[]> watcher) {
    while (!stopped) {
      for (var record : watcher.poll(Duration.ofMillis(100))) {
        long due = ByteBuffer.wrap(record.value()).getLong(8);
        seen.add(new Seen(due, ProbeClients.nowMicros()));
      }
    }
    watcher.close();
  }

  /** Answers with the due time of the first record after the unmeasured ones. */
  private long send(Options options, int rate, int unmeasured, int records)
      throws InterruptedException {
    Random random = new Random(1);
    long measuredFrom = 0;
    try (KafkaProducer<byte[], byte[]> sender = ProbeClients.sender(options)) {
      long startMicros = ProbeClients.nowMicros();
      for (int i = 0; i < records; i++) {
        long due = startMicros + i * 1_000_000L / rate;
        long early = due - ProbeClients.nowMicros();
        if (i == unmeasured) {
          measuredFrom = due;
          Report.event("measuring");
        }
        if (early > 0) Thread.sleep(early / 1_000, (int) (early % 1_000) * 1_000);
        byte[] key = String.format("k%05d", random.nextInt(KEYS)).getBytes();
        byte[] value = ByteBuffer.allocate(VALUE_BYTES).putLong(due).array();
        sender.send(new ProducerRecord<>(options.topic("latency"), key, value));
      }
    }
    return measuredFrom;
  }

  private void report(long measuredFrom, int sent) {
    double[] sorted =
        seen.stream()
            .filter(one -> one.dueMicros >= measuredFrom)
            .mapToDouble(one -> (one.atMicros - one.dueMicros) / 1_000.0)
            .sorted()
            .toArray();
    if (sorted.length == 0) throw new IllegalStateException("no record came out");
    Report.event(
        "latency",
        "sent", sent,
        "received", sorted.length,
        "p50Ms", sorted[sorted.length / 2],
        "p99Ms", sorted[(int) (sorted.length * 0.99)],
        "maxMs", sorted[sorted.length - 1]);
  }
}
