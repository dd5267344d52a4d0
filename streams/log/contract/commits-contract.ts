/** Commits: outputs and offsets together, or nothing. */
import {
  codeOf,
  emptyCommit,
  join,
  newTopic,
  type OpenWith,
  produced,
  readAll,
  take,
  values,
} from './contract-fixture.ts';

export function commitTests(openWith: OpenWith): void {
  test('makes outputs and offsets visible together', async () => {
    const [input, output] = [newTopic(), newTopic({ partitions: 2 })];
    const log = await openWith([input, output]);
    await log.append([produced(input, 'a'), produced(input, 'b')]);
    const groupId = `${input.name}-group`;
    const member = await join(log, groupId, [input]);
    await take(member, 2);
    await member.commit({
      ...emptyCommit,
      outputs: [produced(output, 'A', { partition: 0 }), produced(output, 'B', { partition: 1 })],
      offsets: [{ topic: input.name, partition: 0, offset: 2n }],
    });
    expect(values(await readAll(log, output, 0))).toEqual(['A']);
    expect(values(await readAll(log, output, 1))).toEqual(['B']);
    expect(await log.committed(groupId, [{ topic: input.name, partition: 0 }])).toEqual([2n]);
    await member.close();
  });

  test('says at once what has been committed, however soon it is asked', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const partition = { topic: topic.name, partition: 0 };
    await log.append(Array.from({ length: 20 }, (_, i) => produced(topic, `${i}`)));
    const groupId = `${topic.name}-group`;
    const member = await join(log, groupId, [topic]);
    await take(member, 20);
    for (let offset = 1n; offset <= 20n; offset++) {
      await member.commit({ ...emptyCommit, offsets: [{ ...partition, offset }] });
      expect(await log.committed(groupId, [partition])).toEqual([offset]);
    }
    await member.close();
  });

  test('lets the next member go on behind the committed offset', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append(['a', 'b', 'c'].map((value) => produced(topic, value)));
    const groupId = `${topic.name}-group`;
    const first = await join(log, groupId, [topic]);
    await take(first, 3);
    const offsets = [{ topic: topic.name, partition: 0, offset: 1n }];
    await first.commit({ ...emptyCommit, offsets });
    await first.close();
    const second = await join(log, groupId, [topic]);
    expect(values(await take(second, 2))).toEqual(['b', 'c']);
    await second.close();
  });

  test('writes nothing of a commit that is refused', async () => {
    const [input, output] = [newTopic(), newTopic()];
    const log = await openWith([input, output]);
    const member = await join(log, `${input.name}-group`, [input]);
    const tooLarge = Buffer.alloc(64 * 1024 * 1024);
    const refused = member.commit({
      ...emptyCommit,
      outputs: [produced(output, 'a'), produced(output, '', { value: tooLarge })],
      offsets: [{ topic: input.name, partition: 0, offset: 0n }],
    });
    expect(await codeOf(refused)).toBe('STREAMS_RECORD_TOO_LARGE');
    expect(await readAll(log, output)).toEqual([]);
    await member.close();
  });
}

export function seekAndPurgeTests(openWith: OpenWith): void {
  test('hands records back from where a member seeks', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append(['a', 'b', 'c'].map((value) => produced(topic, value)));
    const member = await join(log, `${topic.name}-group`, [topic]);
    await take(member, 3);
    member.seek({ topic: topic.name, partition: 0 }, 1n);
    expect(values(await take(member, 2))).toEqual(['b', 'c']);
    await member.close();
  });

  test('purges what everybody has read', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append(['a', 'b', 'c'].map((value) => produced(topic, value)));
    const member = await join(log, `${topic.name}-group`, [topic]);
    await take(member, 3);
    const partition = { topic: topic.name, partition: 0 };
    await member.commit({
      ...emptyCommit,
      offsets: [{ ...partition, offset: 2n }],
      purge: [{ ...partition, beforeOffset: 2n }],
    });
    expect(values(await readAll(log, topic))).toEqual(['c']);
    await member.close();
  });
}
