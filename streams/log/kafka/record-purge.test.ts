import { NativeAdmins } from './native-admins.ts';
import type { NativeAdmin } from './native-client.ts';
import { RecordPurge } from './record-purge.ts';
import { nativeError } from './scripted-producer.ts';

function open() {
  const asked: { readonly partition: number; readonly offset: number }[][] = [];
  const answers: ((error: unknown) => void)[] = [];
  const admin = {
    deleteRecords(offsets: never, _limits: unknown, callback: never) {
      asked.push(offsets);
      answers.push(callback);
    },
    disconnect() {},
  };
  const purge = new RecordPurge(new NativeAdmins(() => admin as unknown as NativeAdmin));
  const add = (partition: number, beforeOffset: bigint) =>
    purge.add([{ topic: 'orders', partition, beforeOffset }]);
  const answered = async (error: unknown = null) => {
    answers.shift()?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { purge, add, asked, answered };
}

const at = (partition: number, offset: number) => ({ topic: 'orders', partition, offset });

test('what comes while one is under way is purged after it, each partition once', async () => {
  const { add, asked, answered } = open();
  add(0, 5n);
  add(0, 7n);
  add(1, 3n);
  add(0, 9n);
  await answered();
  expect(asked).toEqual([[at(0, 5)], [at(0, 9), at(1, 3)]]);
  await answered();
  add(1, 4n);
  expect(asked.at(-1)).toEqual([at(1, 4)]);
});

test('what cannot be purged disturbs nobody', async () => {
  const { purge, add, asked, answered } = open();
  add(0, 5n);
  await answered(nativeError(-185));
  add(0, 6n);
  expect(asked).toEqual([[at(0, 5)], [at(0, 6)]]);
  await answered();
  await purge.close();
});
