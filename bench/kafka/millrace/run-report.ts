/** Tells the harness what happened: one JSON line an event, on standard output. */
export function reportEvent(event: string, fields: Readonly<Record<string, number>> = {}): void {
  process.stdout.write(`${JSON.stringify({ event, atMs: Date.now(), ...fields })}\n`);
}

let firstSeen = false;

/** Called for every record; the first one starts the clock of the run. */
export function recordHandled(): void {
  if (firstSeen) return;
  firstSeen = true;
  reportEvent('first-record');
}
