/** What holds for every store of answers. */
import type { IdempotencyStore, StoredAnswer } from './idempotency-store.ts';

export interface IdempotencyStoreUnderTest {
  readonly store: IdempotencyStore;
  readonly reopen: () => Promise<IdempotencyStoreUnderTest>;
}

const answer = (changes: Partial<StoredAnswer> = {}): StoredAnswer => ({
  fingerprint: 'f'.repeat(64),
  statusCode: 201,
  body: '{"id":"order-1","note":"☕"}',
  savedAtMs: 1_000,
  ...changes,
});

export function idempotencyStoreContract(
  name: string,
  open: () => Promise<IdempotencyStoreUnderTest>,
): void {
  describe(name, () => {
    test('answers what was saved, also when it is opened again', async () => {
      const before = await open();
      await before.store.save('anna', 'key', answer());
      const { store } = await before.reopen();
      expect(await store.get('anna', 'key')).toEqual(answer());
    });

    test('keeps the scopes apart', async () => {
      const { store } = await open();
      await store.save('anna', 'key', answer({ body: 'of anna' }));
      await store.save('ben', 'key', answer({ body: 'of ben' }));
      expect((await store.get('anna', 'key'))?.body).toBe('of anna');
      expect(await store.get('anna', 'other')).toBeUndefined();
      expect(await store.get('nobody', 'key')).toBeUndefined();
    });

    test('keeps the first answer of those that are saved at the same time', async () => {
      const { store } = await open();
      const bodies = ['first', 'second', 'third'];
      await Promise.all(bodies.map((body) => store.save('anna', 'key', answer({ body }))));
      await store.save('anna', 'key', answer({ body: 'late' }));
      expect((await store.get('anna', 'key'))?.body).toBe('first');
    });

    test('forgets what is older than it is asked to keep', async () => {
      const { store } = await open();
      await store.save('anna', 'old', answer({ savedAtMs: 1 }));
      await store.save('anna', 'new', answer({ savedAtMs: 2 }));
      expect(await store.deleteBefore(2)).toBe(1);
      expect(await store.get('anna', 'old')).toBeUndefined();
      expect(await store.get('anna', 'new')).toBeDefined();
    });
  });
}
