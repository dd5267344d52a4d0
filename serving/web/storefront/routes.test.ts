import { match, paths, searchUrl, wayBack } from './routes.ts';

test.each`
  pathname                  | path             | id
  ${'/'}                    | ${'/'}           | ${''}
  ${'/search'}              | ${'/search'}     | ${''}
  ${'/search/'}             | ${'/search'}     | ${''}
  ${'/items/TEA-GRN-00001'} | ${'/items/:id'}  | ${'TEA-GRN-00001'}
  ${'/items/a%2Fb'}         | ${'/items/:id'}  | ${'a/b'}
  ${'/items/100%'}          | ${'/items/:id'}  | ${'100%'}
  ${'/orders'}              | ${'/orders'}     | ${''}
  ${'/orders/ord_1'}        | ${'/orders/:id'} | ${'ord_1'}
`('$pathname is the page $path', ({ pathname, path, id }) => {
  expect(match(pathname)).toEqual({ path, id });
});

test.each(['/nowhere', '/items', '/items//', '/orders/1/2', '//'])('%s is no page', (pathname) => {
  expect(match(pathname)?.path ?? 'none').toBe(pathname === '//' ? '/' : 'none');
});

test('every path of the list is found by its own pattern', () => {
  for (const path of paths) expect(match(path.replace(':id', 'x'))?.path).toBe(path);
});

test('a search address leaves out what is empty and encodes the rest', () => {
  expect(searchUrl({ q: 'salt & pepper', brand: undefined, sort: '' })).toBe(
    '/search?q=salt+%26+pepper',
  );
  expect(searchUrl({})).toBe('/search');
});

test.each`
  next                      | goes
  ${'/checkout'}            | ${'/checkout'}
  ${'/search?q=tea'}        | ${'/search?q=tea'}
  ${null}                   | ${'/'}
  ${''}                     | ${'/'}
  ${'https://evil.example'} | ${'/'}
  ${'//evil.example'}       | ${'/'}
  ${'/\\evil.example'}      | ${'/'}
  ${'javascript:alert(1)'}  | ${'/'}
`('after signing in, next=$next leads to $goes', ({ next, goes }) => {
  expect(wayBack(next)).toBe(goes);
});
