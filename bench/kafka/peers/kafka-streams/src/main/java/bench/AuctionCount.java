package bench;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** How many bids an auction had in a window. */
record AuctionCount(int auction, long count) {
  static final Serde<AuctionCount> SERDE =
      Serdes.serdeFrom((topic, value) -> value.encode(), (topic, bytes) -> decode(bytes));

  /** Of more bids, or as many and the smaller id: the order of arrival makes no difference. */
  AuctionCount hotter(AuctionCount other) {
    if (count != other.count) return count > other.count ? this : other;
    return auction <= other.auction ? this : other;
  }

  private byte[] encode() {
    return ByteBuffer.allocate(12).putInt(auction).putLong(count).array();
  }

  private static AuctionCount decode(byte[] bytes) {
    if (bytes == null) return null;
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new AuctionCount(buffer.getInt(), buffer.getLong());
  }
}
