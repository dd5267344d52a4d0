package bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The texts at the end of an event: each two bytes of length, then UTF-8. */
final class Texts {
  private final byte[][] encoded;

  Texts(String... texts) {
    encoded = new byte[texts.length][];
    for (int i = 0; i < texts.length; i++) encoded[i] = texts[i].getBytes(StandardCharsets.UTF_8);
  }

  int sizeBytes() {
    int size = 0;
    for (byte[] text : encoded) size += 2 + text.length;
    return size;
  }

  void writeTo(ByteBuffer buffer) {
    for (byte[] text : encoded) buffer.putShort((short) text.length).put(text);
  }

  static String read(ByteBuffer buffer) {
    int length = Short.toUnsignedInt(buffer.getShort());
    String text = new String(buffer.array(), buffer.position(), length, StandardCharsets.UTF_8);
    buffer.position(buffer.position() + length);
    return text;
  }
}
