package bench;

import java.util.Map;
import java.util.TreeMap;

/** Arguments of the form name=value. */
record Options(Map<String, String> given) {
  static Options parse(String[] arguments) {
    Map<String, String> given = new TreeMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 1) throw new IllegalArgumentException("expected name=value, found " + argument);
      given.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    return new Options(given);
  }

  String text(String name) {
    String value = given.get(name);
    if (value == null) throw new IllegalArgumentException("give " + name + "=...");
    return value;
  }

  String text(String name, String otherwise) {
    return given.getOrDefault(name, otherwise);
  }

  int number(String name, int otherwise) {
    return given.containsKey(name) ? Integer.parseInt(given.get(name)) : otherwise;
  }

  boolean has(String name) {
    return given.containsKey(name);
  }

  /** A topic of this run: the harness gives every run a prefix of its own. */
  String topic(String name) {
    return text("prefix") + name;
  }
}
