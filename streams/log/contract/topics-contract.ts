/** Topics: created once, checked for ever. */
import { codeOf, join, newTopic, type OpenWith, produced, take } from './contract-fixture.ts';

export function topicTests(openWith: OpenWith): void {
  test('creates a topic once, and says exactly how another wish differs', async () => {
    const topic = newTopic({ partitions: 2 });
    const log = await openWith([topic]);
    await log.createTopics([topic]);
    const wish = { ...topic, partitions: 3, cleanupPolicy: 'compact' } as const;
    const refused = log.createTopics([wish]);
    expect(await codeOf(refused)).toBe('STREAMS_TOPIC_MISMATCH');
    await expect(refused).rejects.toThrow(/partitions is 2, wanted 3/);
    await expect(refused).rejects.toThrow(/cleanupPolicy is delete, wanted compact/);
    expect((await log.describeTopic(topic.name)).offsets).toHaveLength(2);
  });

  test.each(['', '.', '..', 'a b', 'a/b', 'ü', 'x'.repeat(250)])(
    'refuses the topic name %p',
    async (name) => {
      const log = await openWith([]);
      expect(await codeOf(log.createTopics([{ ...newTopic(), name }]))).toBe(
        'STREAMS_TOPIC_INVALID',
      );
    },
  );

  test('names a topic or partition that does not exist', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const unknown = { ...topic, name: `${topic.name}-unknown` };
    expect(await codeOf(log.append([produced(unknown, 'a')]))).toBe('STREAMS_TOPIC_UNKNOWN');
    expect(await codeOf(log.append([produced(topic, 'a', { partition: 1 })]))).toBe(
      'STREAMS_TOPIC_UNKNOWN',
    );
    expect(await codeOf(log.describeTopic(unknown.name))).toBe('STREAMS_TOPIC_UNKNOWN');
    expect(await codeOf(join(log, 'group', [unknown]))).toBe('STREAMS_TOPIC_UNKNOWN');
  });

  test('holds thousands of partitions', async () => {
    const topic = newTopic({ partitions: 3_000 });
    const log = await openWith([topic]);
    const some = [0, 1, 1_499, 2_998, 2_999];
    await log.append(some.map((partition) => produced(topic, `${partition}`, { partition })));
    const reader = log.openReader();
    reader.assign(
      Array.from({ length: 3_000 }, (_, partition) => ({
        topic: topic.name,
        partition,
        offset: 0n,
      })),
    );
    const read = await take(reader, some.length);
    expect(read.map(({ partition }) => partition).sort((a, b) => a - b)).toEqual(some);
  });
}
