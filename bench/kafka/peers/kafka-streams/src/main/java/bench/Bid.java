package bench;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** An offer, in cents. README.md of bench/kafka has the layout of the bytes. */
record Bid(
    long timeMs, int auction, int bidder, int price, String channel, String url, String extra) {

  static final Serde<Bid> SERDE =
      Serdes.serdeFrom((topic, bid) -> bid.encode(), (topic, bytes) -> decode(bytes));

  Bid atPrice(int other) {
    return new Bid(timeMs, auction, bidder, other, channel, url, extra);
  }

  private byte[] encode() {
    Texts texts = new Texts(channel, url, extra);
    ByteBuffer buffer = ByteBuffer.allocate(20 + texts.sizeBytes());
    texts.writeTo(buffer.putLong(timeMs).putInt(auction).putInt(bidder).putInt(price));
    return buffer.array();
  }

  private static Bid decode(byte[] bytes) {
    if (bytes == null) return null;
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Bid(
        buffer.getLong(),
        buffer.getInt(),
        buffer.getInt(),
        buffer.getInt(),
        Texts.read(buffer),
        Texts.read(buffer),
        Texts.read(buffer));
  }
}
