import { SinkError } from './sink-error.ts';
import { MemoryView, openLog, produce, rowsOf, start } from './sink-fixture.ts';

describe('sinks of one group', () => {
  const many = (value: number) =>
    Array.from({ length: 40 }, (_, index) => [`key-${index}`, value] as const);
  const groupId = 'levels-view';

  test('share the partitions, and each knows when all of them have caught up', async () => {
    const log = await openLog();
    const view = new MemoryView();
    const sinks = await Promise.all([start(log, view, { groupId }), start(log, view, { groupId })]);
    await produce(log, many(1));
    await Promise.all(sinks.map((sink) => sink.caughtUp()));
    expect(view.rows.size).toBe(40);
    // Whoever joined last may have got nothing of the first ones.
    let value = 1;
    while (sinks.some((sink) => sink.metrics().records === 0)) {
      value += 1;
      await produce(log, many(value));
      await Promise.all(sinks.map((sink) => sink.caughtUp()));
    }
    expect(view.rows.size).toBe(40);
    expect(new Set(Object.values(rowsOf(view)))).toEqual(new Set([value]));
  });

  test('go on from where the view stands when one of them ends', async () => {
    const log = await openLog();
    const view = new MemoryView();
    const first = await start(log, view, { groupId });
    await produce(log, many(1));
    await first.caughtUp();
    const second = await start(log, view, { groupId });
    await first.close();
    await produce(log, many(2));
    await second.caughtUp();
    expect(new Set(Object.values(rowsOf(view)))).toEqual(new Set([2]));
    expect(second.metrics().records).toBe(40);
  });

  test('go back to where the view stands after a failure', async () => {
    const log = await openLog();
    const view = new MemoryView();
    const sink = await start(log, view, { groupId });
    await produce(log, many(1));
    await sink.caughtUp();
    view.failures.push(new SinkError('SINK_UNAVAILABLE', 'it is away'));
    await produce(log, many(2));
    await sink.caughtUp();
    expect(new Set(Object.values(rowsOf(view)))).toEqual(new Set([2]));
    expect(sink.metrics()).toMatchObject({ records: 80, retries: 1 });
  });
});
