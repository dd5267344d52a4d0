/** Opens a database that has the tables of this program. */
import { requireMigrated } from './migrate.ts';
import { MysqlDatabase } from './mysql-database.ts';
import type { MysqlOptions } from './mysql-options.ts';
import { viewErrorOf } from './view-unavailable.ts';

/** @throws ViewError `VIEW_UNAVAILABLE`, or Error that says to run `millrace migrate`. */
export async function openMigrated<Tables>(options: MysqlOptions): Promise<MysqlDatabase<Tables>> {
  const database = new MysqlDatabase<Tables>(options);
  try {
    await requireMigrated(database);
  } catch (error) {
    await database.close();
    throw viewErrorOf(error, 'MySQL cannot be used');
  }
  return database;
}
