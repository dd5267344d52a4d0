/** A log whose members fail when a test says so. For tests. */
import type { GroupMember, GroupOptions, Log, LogCommit } from '../log/log.ts';

export interface Faults {
  /** Throws instead of committing, or commits and throws. */
  commit?: (commit: LogCommit, write: () => Promise<void>) => Promise<void>;
  poll?: () => void;
  /** Told of each member that is about to join; throws instead of letting it. */
  join?: (options: GroupOptions) => void;
}

/** `log` with faults in the members that join through it. */
export function faultyLog(log: Log, faults: Faults): Log {
  return new Proxy(log, {
    get(target, property) {
      if (property === 'joinGroup') {
        return async (options: GroupOptions) => {
          faults.join?.(options);
          return faultyMember(await target.joinGroup(options), faults);
        };
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function faultyMember(member: GroupMember, faults: Faults): GroupMember {
  return {
    poll: async (options) => {
      faults.poll?.();
      return member.poll(options);
    },
    pause: (partitions) => member.pause(partitions),
    resume: (partitions) => member.resume(partitions),
    seek: (partition, offset) => member.seek(partition, offset),
    commit: (commit) => {
      const write = () => member.commit(commit);
      return faults.commit === undefined ? write() : faults.commit(commit, write);
    },
    ...(member.peers && { peers: member.peers.bind(member) }),
    close: () => member.close(),
  };
}
