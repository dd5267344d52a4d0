/**
 * Slows down who guesses the password of one account, from however many addresses: after ten
 * failures in a quarter of an hour the account takes no more tries until the oldest is over. What
 * an address on the network may do is limited besides (sign-in-rate.ts), and more generously: a whole
 * office is one address.
 */
import type { Clock } from '../dependencies.ts';
import { problem } from '../problem.ts';

const failuresAllowed = 10;
const rememberedMs = 15 * 60_000;
/** Accounts under attack that are remembered; the one that failed longest ago is forgotten first. */
const accountsRemembered = 50_000;

export interface FailedSignIns {
  /** @throws Problem `too-many-requests` while the account takes no more tries. */
  check(email: string): void;
  failed(email: string): void;
  succeeded(email: string): void;
}

export function failedSignIns(clock: Clock): FailedSignIns {
  const failures = new Map<string, readonly number[]>();
  const recent = (email: string): readonly number[] =>
    (failures.get(email) ?? []).filter((atMs) => atMs > clock.nowMs() - rememberedMs);

  return {
    check(email) {
      const times = recent(email);
      if (times.length < failuresAllowed) return;
      const againMs = (times[0] ?? 0) + rememberedMs;
      const retryAfterS = Math.max(1, Math.ceil((againMs - clock.nowMs()) / 1_000));
      const detail = 'too many failed tries to sign in to this account; wait, then try again';
      throw problem('too-many-requests', detail, { retryAfterS });
    },
    failed(email) {
      const times = [...recent(email), clock.nowMs()].slice(-failuresAllowed);
      failures.delete(email);
      failures.set(email, times);
      if (failures.size <= accountsRemembered) return;
      for (const oldest of failures.keys()) {
        failures.delete(oldest);
        return;
      }
    },
    succeeded(email) {
      failures.delete(email);
    },
  };
}
