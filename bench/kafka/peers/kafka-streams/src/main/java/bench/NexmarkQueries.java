package bench;

import java.time.Duration;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;

/**
 * Nexmark's queries; README.md of bench/kafka defines their results, and
 * ../../../../../millrace/nexmark-queries.ts is their twin.
 */
final class NexmarkQueries {
  private static final Serde<String> TEXT = Serdes.String();
  private static final Set<String> NEAR = Set.of("OR", "ID", "CA");
  private static final int WANTED_CATEGORY = 10;
  private static final Duration WINDOW = Duration.ofSeconds(10);
  private static final Duration ADVANCE = Duration.ofSeconds(2);

  /** A repartition topic mixes what its writers send: no record is late, so results are exact. */
  private static final Duration WHOLE_RUN = Duration.ofHours(24);

  private final StreamsBuilder builder;
  private final Options options;
  private final String output;

  private NexmarkQueries(StreamsBuilder builder, Options options) {
    this.builder = builder;
    this.options = options;
    this.output = options.text("output");
  }

  static void define(String program, StreamsBuilder builder, Options options) {
    NexmarkQueries queries = new NexmarkQueries(builder, options);
    switch (program) {
      case "nexmark-q1" -> queries.currencyConversion();
      case "nexmark-q3" -> queries.localItems();
      case "nexmark-q5" -> queries.hotItems();
      case "nexmark-q8" -> queries.newSellers();
      case "nexmark-q11" -> queries.userSessions();
      default -> throw new IllegalArgumentException("no program '" + program + "'");
    }
  }

  private void currencyConversion() {
    bids()
        .mapValues(bid -> bid.atPrice((int) (bid.price() * 908L / 1_000)))
        .to(output, Produced.with(TEXT, Bid.SERDE));
  }

  private void localItems() {
    KTable<String, Person> nearby =
        builder
            .table(
                options.topic("persons"),
                Consumed.with(TEXT, Person.SERDE),
                Materialized.as("persons"))
            .filter((id, person) -> NEAR.contains(person.state()));
    auctions()
        .filter((id, auction) -> auction.category() == WANTED_CATEGORY)
        .selectKey((id, auction) -> String.valueOf(auction.seller()))
        .repartition(Repartitioned.with(TEXT, Auction.SERDE).withName("by-seller"))
        .join(nearby, NexmarkQueries::localItem, Joined.with(TEXT, Auction.SERDE, Person.SERDE))
        .to(output, Produced.with(TEXT, TEXT));
  }

  private static String localItem(Auction auction, Person seller) {
    return String.join(
        ",", seller.name(), seller.city(), seller.state(), String.valueOf(auction.id()));
  }

  private void hotItems() {
    bids()
        .groupByKey(Grouped.with(TEXT, Bid.SERDE))
        .windowedBy(TimeWindows.ofSizeWithNoGrace(WINDOW).advanceBy(ADVANCE))
        .count(Materialized.as("bids-by-auction"))
        .toStream()
        .map(
            (key, count) ->
                KeyValue.pair(
                    String.valueOf(key.window().start()),
                    new AuctionCount(Integer.parseInt(key.key()), count)))
        .groupByKey(
            Grouped.<String, AuctionCount>as("by-window")
                .withKeySerde(TEXT)
                .withValueSerde(AuctionCount.SERDE))
        .reduce(AuctionCount::hotter, Materialized.as("hottest"))
        .toStream()
        .mapValues(hottest -> hottest.auction() + "," + hottest.count())
        .to(output, Produced.with(TEXT, TEXT));
  }

  private void newSellers() {
    KStream<String, Auction> bySeller =
        auctions()
            .selectKey((id, auction) -> String.valueOf(auction.seller()))
            .repartition(Repartitioned.with(TEXT, Auction.SERDE).withName("by-seller"));
    persons()
        .join(
            bySeller,
            NexmarkQueries::newSeller,
            JoinWindows.ofTimeDifferenceAndGrace(WINDOW, WHOLE_RUN),
            StreamJoined.with(TEXT, Person.SERDE, Auction.SERDE)
                .withName("new-sellers")
                .withStoreName("new-sellers"))
        .filter((id, seller) -> seller != null)
        .to(output, Produced.with(TEXT, TEXT));
  }

  /** Null when the auction was not opened in the same tumbling window. */
  private static String newSeller(Person person, Auction auction) {
    long startMs = windowStart(person.timeMs());
    return startMs == windowStart(auction.timeMs()) ? person.name() + "," + startMs : null;
  }

  private static long windowStart(long timeMs) {
    return timeMs - timeMs % WINDOW.toMillis();
  }

  private void userSessions() {
    bids()
        .groupBy(
            (auction, bid) -> String.valueOf(bid.bidder()),
            Grouped.<String, Bid>as("by-bidder").withKeySerde(TEXT).withValueSerde(Bid.SERDE))
        .windowedBy(SessionWindows.ofInactivityGapAndGrace(WINDOW, WHOLE_RUN))
        .count(Materialized.as("sessions"))
        .toStream(
            (key, count) -> key.key() + "@" + key.window().start() + "@" + key.window().end())
        .to(output, Produced.with(TEXT, Serdes.Long()));
  }

  private KStream<String, Person> persons() {
    return read("persons", Person.SERDE);
  }

  private KStream<String, Auction> auctions() {
    return read("auctions", Auction.SERDE);
  }

  private KStream<String, Bid> bids() {
    return read("bids", Bid.SERDE);
  }

  private <V> KStream<String, V> read(String topic, Serde<V> value) {
    return builder
        .stream(options.topic(topic), Consumed.with(TEXT, value))
        .peek((key, ignored) -> Report.recordHandled());
  }
}
