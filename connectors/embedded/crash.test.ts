import type { ItemId } from '#schemas/items';
import { writeAndKill } from '../killed-writer.ts';
import type { Position } from '../views/view.ts';
import { openEmbeddedViews } from './embedded-views.ts';
import { temporaryDirectories } from './temporary-directory.ts';

const newDirectory = temporaryDirectories();
const writer = new URL('./crash-writer.ts', import.meta.url);
const keys = 20;

/** The version of each item that the changes below `end` leave, by id. */
function foldUpTo(end: number): Map<string, number> {
  const versions = new Map<string, number>();
  for (let offset = 0; offset < end; offset++) {
    const id = `item-${offset % keys}`;
    if (offset % 7 === 6) versions.delete(id);
    else versions.set(id, offset);
  }
  return versions;
}

const endOf = ([position]: readonly Position[]) => Number(position?.nextOffset ?? 0);

test('is the fold of the log up to its positions after each kill -9', async () => {
  const directory = newDirectory();
  for (const lines of [3, 40, 97]) {
    const acknowledged = await writeAndKill(writer, [directory], lines);

    const views = openEmbeddedViews({ directory });
    const end = endOf(await views.items.writer.positions());
    expect(end).toBeGreaterThanOrEqual(acknowledged);
    const items = await views.items.reader.getMany(
      Array.from({ length: keys }, (_, index) => `item-${index}` as ItemId),
    );
    expect(new Map(items.map(({ id, version }) => [id as string, version]))).toEqual(foldUpTo(end));

    const found = await views.search.reader.search({ text: 'tea', sort: 'newest', limit: 100 });
    const searchable = foldUpTo(endOf(await views.search.writers.items.positions()));
    expect(found.hits.map(({ itemId }) => itemId as string).sort()).toEqual(
      [...searchable.keys()].sort(),
    );
    views.close();
  }
}, 120_000);
