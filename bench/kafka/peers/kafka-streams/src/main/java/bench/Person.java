package bench;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** Somebody who sells and bids. README.md of bench/kafka has the layout of the bytes. */
record Person(
    long timeMs,
    int id,
    String name,
    String email,
    String creditCard,
    String city,
    String state,
    String extra) {

  static final Serde<Person> SERDE =
      Serdes.serdeFrom((topic, person) -> person.encode(), (topic, bytes) -> decode(bytes));

  private byte[] encode() {
    Texts texts = new Texts(name, email, creditCard, city, state, extra);
    ByteBuffer buffer = ByteBuffer.allocate(12 + texts.sizeBytes());
    texts.writeTo(buffer.putLong(timeMs).putInt(id));
    return buffer.array();
  }

  private static Person decode(byte[] bytes) {
    if (bytes == null) return null;
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Person(
        buffer.getLong(),
        buffer.getInt(),
        Texts.read(buffer),
        Texts.read(buffer),
        Texts.read(buffer),
        Texts.read(buffer),
        Texts.read(buffer),
        Texts.read(buffer));
  }
}
