package bench;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** Something to bid for. README.md of bench/kafka has the layout of the bytes. */
record Auction(
    long timeMs,
    long expiresMs,
    int id,
    int seller,
    int category,
    int initialBid,
    int reserve,
    String itemName,
    String description,
    String extra) {

  static final Serde<Auction> SERDE =
      Serdes.serdeFrom((topic, auction) -> auction.encode(), (topic, bytes) -> decode(bytes));

  private byte[] encode() {
    Texts texts = new Texts(itemName, description, extra);
    ByteBuffer buffer = ByteBuffer.allocate(36 + texts.sizeBytes());
    buffer.putLong(timeMs).putLong(expiresMs);
    buffer.putInt(id).putInt(seller).putInt(category).putInt(initialBid).putInt(reserve);
    texts.writeTo(buffer);
    return buffer.array();
  }

  private static Auction decode(byte[] bytes) {
    if (bytes == null) return null;
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Auction(
        buffer.getLong(),
        buffer.getLong(),
        buffer.getInt(),
        buffer.getInt(),
        buffer.getInt(),
        buffer.getInt(),
        buffer.getInt(),
        Texts.read(buffer),
        Texts.read(buffer),
        Texts.read(buffer));
  }
}
