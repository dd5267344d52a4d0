import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ItemId } from '#schemas/items';
import type { Position } from '../views/view.ts';
import { openEmbeddedViews } from './embedded-views.ts';
import { temporaryDirectories } from './temporary-directory.ts';

const newDirectory = temporaryDirectories();
const writer = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));
const keys = 20;

/** Runs the writer, kills it after so many lines, and answers the last offset that it printed. */
async function writeAndKill(directory: string, lines: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = 0;
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    count += 1;
    if (count === lines) child.kill('SIGKILL');
  }
  return last;
}

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
    const acknowledged = await writeAndKill(directory, lines);

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
