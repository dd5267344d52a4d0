/** Where `mysqld` is, and how an empty data folder is made, for MySQL and for MariaDB. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mysqlServerFiles } from '../server-files.ts';

/** What answers: Oracle's MySQL, or MariaDB as Debian has it. They differ in dialect and checks. */
export type MysqlFlavour = 'mysql' | 'mariadb';

export interface MysqlInstallation {
  readonly executable: string;
  /** Before all other arguments. */
  readonly args: readonly string[];
  /** Makes the system tables, and a root without a password. */
  prepare(dataFolder: string): Promise<void>;
}

export async function findMysql(flavour: MysqlFlavour): Promise<MysqlInstallation> {
  return flavour === 'mysql' ? oracleMysql(await mysqlServerFiles()) : mariadb();
}

/** They refuse to run as root unless they are told to. */
const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];

function oracleMysql(folder: string): MysqlInstallation {
  const executable = join(folder, 'bin/mysqld');
  const args = [
    '--no-defaults',
    `--basedir=${folder}`,
    // The tarball's messages are not where the program looks for them.
    `--lc-messages-dir=${join(folder, 'share')}`,
    ...asRoot,
  ];
  return {
    executable,
    args: [...args, '--mysqlx=OFF'],
    prepare: async (dataFolder) => {
      const only = ['--initialize-insecure', `--datadir=${dataFolder}`];
      await promisify(execFile)(executable, [...args, ...only]);
    },
  };
}

/** Debian puts servers where not everybody's path leads. */
const folders = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin', '/usr/bin'];

function mariadb(): MysqlInstallation {
  const executable = folders.map((folder) => join(folder, 'mariadbd')).find(existsSync);
  if (executable === undefined) {
    throw new Error(
      'there is no MariaDB: install it, on Debian by ' +
        '`apt-get install mariadb-server-core mariadb-client-core`',
    );
  }
  return {
    executable,
    args: ['--no-defaults', ...asRoot],
    prepare: async (dataFolder) => {
      await promisify(execFile)('mariadb-install-db', [
        ...['--no-defaults', `--datadir=${dataFolder}`, '--skip-test-db'],
        ...['--auth-root-authentication-method=normal', ...asRoot],
      ]);
    },
  };
}
