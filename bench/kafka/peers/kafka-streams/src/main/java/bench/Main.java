package bench;

import java.util.concurrent.CountDownLatch;

/**
 * One process, one program, until SIGTERM: {@code java -cp target/classes:target/lib/* bench.Main
 * program=count bootstrap=127.0.0.1:9092 application=a prefix=bench- output=out state=/tmp/s}.
 */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws Exception {
    Options options = Options.parse(arguments);
    switch (options.text("program")) {
      case "bare" -> BareLoop.run(options);
      case "probe-latency" -> LatencyProbe.run(options);
      case "probe-ticks" -> TickProbe.run(options);
      default -> StreamsProgram.run(options);
    }
  }

  /** Runs {@code close} when the process is told to end, and keeps it until then. */
  static void untilTold(Runnable close) throws InterruptedException {
    Runtime.getRuntime().addShutdownHook(new Thread(close));
    new CountDownLatch(1).await();
  }
}
