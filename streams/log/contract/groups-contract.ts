/** Groups: who owns what, and what becomes of those who lost it. */
import type { GroupMember, LogCommit, TopicSpec } from '../log.ts';
import {
  codeOf,
  emptyCommit,
  join,
  newTopic,
  type OpenWith,
  ownership,
  produced,
  readAll,
  take,
  until,
  values,
} from './contract-fixture.ts';

export function sharingTests(openWith: OpenWith): void {
  test('delivers nothing of a paused partition until it is resumed', async () => {
    const topic = newTopic({ partitions: 2 });
    const log = await openWith([topic]);
    const member = await join(log, `${topic.name}-group`, [topic]);
    await log.append([0, 1].map((partition) => produced(topic, 'first', { partition })));
    await take(member, 2);
    const paused = [{ topic: topic.name, partition: 0 }];
    member.pause(paused);
    await log.append([0, 1].map((partition) => produced(topic, 'second', { partition })));
    const flowing = await take(member, 1);
    expect(flowing.map(({ partition }) => partition)).toEqual([1]);
    expect(await member.poll({ maxWaitMs: 20 })).toEqual([]);
    member.resume(paused);
    expect((await take(member, 1)).map(({ partition }) => partition)).toEqual([0]);
    await member.close();
  });

  test('splits partitions between two members, together what belongs together, and gives them back', async () => {
    const topics = [newTopic({ partitions: 4 }), newTopic({ partitions: 4 })];
    const log = await openWith(topics);
    const groupId = `${topics[0]?.name}-group`;
    const [a, b] = [ownership(), ownership()];
    const first = await join(log, groupId, topics, a.listener, [topics]);
    await until(() => a.owned.size === 8, first);
    const second = await join(log, groupId, topics, b.listener, [topics]);
    await until(() => a.owned.size === 4 && b.owned.size === 4, first, second);
    const partitionsOf = ({ owned }: { owned: Set<string> }, topic?: TopicSpec) =>
      [...owned].filter((name) => name.startsWith(`${topic?.name}:`)).map((n) => n.split(':')[1]);
    expect(partitionsOf(a, topics[0])).toEqual(partitionsOf(a, topics[1]));
    expect(partitionsOf(b, topics[0])).toEqual(partitionsOf(b, topics[1]));
    await first.close();
    await until(() => b.owned.size === 8, second);
    await second.close();
  });

  test('lets a member commit what it loses, and its successor go on from there', async () => {
    const topic = newTopic({ partitions: 2 });
    const log = await openWith([topic]);
    await log.append([0, 1].map((partition) => produced(topic, 'old', { partition })));
    const groupId = `${topic.name}-group`;
    let first: GroupMember | undefined;
    first = await join(log, groupId, [topic], {
      async onRevoked(partitions) {
        const offsets = partitions.map((partition) => ({ ...partition, offset: 1n }));
        await first?.commit({ ...emptyCommit, offsets });
      },
    });
    await take(first, 2);
    const b = ownership();
    const second = await join(log, groupId, [topic], b.listener);
    await until(() => b.owned.size === 1, first, second);
    await log.append([0, 1].map((partition) => produced(topic, 'new', { partition })));
    expect(values(await take(second, 1))).toEqual(['new']);
    await Promise.all([first.close(), second.close()]);
  });
}

export function peersTests(openWith: OpenWith): void {
  test('tells each member who is in the group and what they read', async () => {
    const topic = newTopic({ partitions: 2 });
    const log = await openWith([topic]);
    const [a, b] = [ownership(), ownership()];
    const first = await join(log, `${topic.name}-group`, [topic], a.listener);
    const second = await join(log, `${topic.name}-group`, [topic], b.listener);
    await until(() => a.owned.size === 1 && b.owned.size === 1, first, second);
    for (const [member, own, others] of [
      [first, a, b],
      [second, b, a],
    ] as const) {
      const peers = (await member.peers?.()) ?? [];
      const owned = (isSelf: boolean) =>
        peers
          .filter((peer) => peer.isSelf === isSelf)
          .map(({ partitions }) => partitions.map((one) => `${one.topic}:${one.partition}`));
      expect([owned(true), owned(false)]).toEqual([[[...own.owned]], [[...others.owned]]]);
      expect(new Set(peers.map(({ memberId }) => memberId)).size).toBe(2);
    }
    await first.close();
    await second.close();
  });
}

export function fencingTests(openWith: OpenWith): void {
  test('refuses the commit of a member that has left, and of one that lost the partition', async () => {
    const [topic, output] = [newTopic({ partitions: 2 }), newTopic()];
    const log = await openWith([topic, output]);
    const groupId = `${topic.name}-group`;
    const a = ownership();
    const b = ownership();
    const first = await join(log, groupId, [topic], a.listener);
    await until(() => a.owned.size === 2, first);
    const second = await join(log, groupId, [topic], b.listener);
    await until(() => a.owned.size === 1 && b.owned.size === 1, first, second);
    const lost = Number([...b.owned][0]?.split(':')[1]);
    const commit: LogCommit = {
      ...emptyCommit,
      outputs: [produced(output, 'of a zombie')],
      offsets: [{ topic: topic.name, partition: lost, offset: 0n }],
    };
    expect(await codeOf(first.commit(commit))).toBe('STREAMS_TASK_MIGRATED');
    await first.close();
    expect(await codeOf(first.commit(commit))).toBe('STREAMS_TASK_MIGRATED');
    expect(await readAll(log, output)).toEqual([]);
    await second.close();
  });

  test('fences a member that does not let go, and fails its commit alone', async () => {
    const [topic, output] = [newTopic({ partitions: 2 }), newTopic()];
    const log = await openWith([topic, output], { rebalanceTimeoutMs: 50 });
    const groupId = `${topic.name}-group`;
    const zombie = await join(log, groupId, [topic], { onRevoked: () => new Promise(() => {}) });
    await log.append([0, 1].map((partition) => produced(topic, 'x', { partition })));
    await take(zombie, 2);
    const b = ownership();
    const second = await join(log, groupId, [topic], b.listener);
    await until(() => b.owned.size === 2, second);
    const offsets = [{ topic: topic.name, partition: 0, offset: 1n }];
    const [refused, accepted] = await Promise.allSettled([
      zombie.commit({ ...emptyCommit, outputs: [produced(output, 'zombie')], offsets }),
      log.append([produced(output, 'beside it')]),
    ]);
    expect(refused).toMatchObject({ reason: { code: 'STREAMS_TASK_MIGRATED' } });
    expect(accepted.status).toBe('fulfilled');
    expect(await codeOf(zombie.poll({ maxWaitMs: 0 }))).toBe('STREAMS_TASK_MIGRATED');
    expect(values(await readAll(log, output))).toEqual(['beside it']);
    await Promise.all([zombie.close(), second.close()]);
  });
}
