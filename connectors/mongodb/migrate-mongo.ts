/** What a database must have before views can be opened in it, by version. */
import type { Collection, Db } from 'mongodb';
import { Generations } from './generations.ts';
import { connectToMongo, type MongoOptions } from './mongo-connection.ts';
import { isDuplicateKey, viewErrorOf } from './mongo-errors.ts';

interface SchemaDocument {
  readonly _id: 'schema';
  readonly version: number;
}

/** Each step makes of the version before it the next one, and may be done twice, and by several. */
const steps: readonly ((database: Db) => Promise<void>)[] = [
  async (database) => {
    for (const view of ['items', 'feeds']) await new Generations(database, view).createFirst();
  },
];

/**
 * Brings the database to the version of this program. Nothing happens when it has it; several
 * processes may do it at once.
 *
 * @throws ViewError `VIEW_UNAVAILABLE` when the server does not answer, Error when the database is
 * of a newer program.
 */
export async function migrateMongo(options: MongoOptions): Promise<void> {
  const connection = connectToMongo(options);
  try {
    const database = connection.writes;
    const from = await versionOf(database);
    for (let version = from; version < steps.length; version += 1) {
      await steps[version]?.(database);
      await noteVersion(schemaOf(database), version + 1);
    }
  } catch (error) {
    throw viewErrorOf(error, 'MongoDB');
  } finally {
    await connection.close();
  }
}

/** @throws Error unless the database is of the version of this program. */
export async function requireMigrated(database: Db): Promise<void> {
  const version = await versionOf(database);
  if (version === steps.length) return;
  throw new Error(
    `MongoDB's database '${database.databaseName}' ` +
      (version === 0 ? 'has no views yet' : `is of version ${version}, before ${steps.length}`) +
      ': run `millrace migrate`',
  );
}

/** After the database was dropped under a program that runs: what it makes is of its version. */
export function noteOwnVersion(database: Db): Promise<void> {
  return noteVersion(schemaOf(database), steps.length);
}

/** 0 when there is nothing. */
async function versionOf(database: Db): Promise<number> {
  const { version = 0 } = (await schemaOf(database).findOne({ _id: 'schema' })) ?? {};
  if (version <= steps.length) return version;
  throw new Error(
    `MongoDB's database '${database.databaseName}' is of version ${version} and this program knows ` +
      `${steps.length}: a newer one has run \`millrace migrate\`. Start that one`,
  );
}

function schemaOf(database: Db): Collection<SchemaDocument> {
  return database.collection('millrace_schema');
}

/** Never down, and the first of two that make it is enough. */
async function noteVersion(schema: Collection<SchemaDocument>, version: number): Promise<void> {
  try {
    await schema.updateOne({ _id: 'schema' }, { $max: { version } }, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    await schema.updateOne({ _id: 'schema' }, { $max: { version } });
  }
}
