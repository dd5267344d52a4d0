package bench;

/** Tells the harness what happened: one JSON line an event, on standard output. */
final class Report {
  private static volatile boolean firstSeen;

  private Report() {}

  /** Called for every record; the first one starts the clock of the run. */
  static void recordHandled() {
    if (!firstSeen) reportFirst();
  }

  private static synchronized void reportFirst() {
    if (firstSeen) return;
    firstSeen = true;
    event("first-record");
  }

  /** {@code fields}: names and numbers, in turn. */
  static synchronized void event(String event, Object... fields) {
    StringBuilder json = new StringBuilder("{\"event\":\"" + event + "\"");
    json.append(",\"atMs\":").append(System.currentTimeMillis());
    for (int i = 0; i < fields.length; i += 2) {
      json.append(",\"").append(fields[i]).append("\":").append(fields[i + 1]);
    }
    System.out.println(json.append('}'));
    System.out.flush();
  }
}
