import { afterPrefix } from './byte-order.ts';

test.each`
  prefix          | after
  ${[1, 2]}       | ${[1, 3]}
  ${[1, 0xff]}    | ${[2]}
  ${[0xff, 0xff]} | ${undefined}
  ${[]}           | ${undefined}
`('the first key after those that begin with $prefix is $after', ({ prefix, after }) => {
  const next = afterPrefix(Uint8Array.from(prefix));
  expect(next && [...next]).toEqual(after);
});

test('leaves the prefix as it is, also when it is a Buffer', () => {
  const prefix = Buffer.from('feed:');
  expect(afterPrefix(prefix)).toEqual(Uint8Array.from(Buffer.from('feed;')));
  expect(prefix.toString()).toBe('feed:');
});
