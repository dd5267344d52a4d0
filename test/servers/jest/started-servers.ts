/** What was started before the tests, for whoever ends it after them. */
const started: { stop(): Promise<void> }[] = [];

export function stopLater(server: { stop(): Promise<void> }): void {
  started.push(server);
}

export async function stopAll(): Promise<void> {
  await Promise.all(started.splice(0).map((server) => server.stop()));
}
