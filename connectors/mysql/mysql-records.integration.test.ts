/** Users and answers on MySQL and on MariaDB: the records that no log can make anew. */
import { startMysql } from '../../test/servers/mysql/start-mysql.ts';
import {
  type IdempotencyStoreUnderTest,
  idempotencyStoreContract,
} from '../views/idempotency-store-contract.ts';
import { type UsersStoreUnderTest, usersStoreContract } from '../views/users-store-contract.ts';
import { openMysqlIdempotency } from './idempotency-store.ts';
import { flavours, mysqlUnderTest } from './testing/mysql-under-test.ts';
import { openMysqlUsers } from './users-store.ts';

describe.each(flavours)('on %s', (flavour) => {
  const mysql = mysqlUnderTest(() => startMysql({ flavour }));

  async function openUsers(): Promise<UsersStoreUnderTest> {
    const store = mysql.closing(await openMysqlUsers({ url: mysql.server().url }));
    return {
      store,
      reopen: async () => {
        await store.close();
        return openUsers();
      },
    };
  }

  async function openAnswers(): Promise<IdempotencyStoreUnderTest> {
    const store = mysql.closing(await openMysqlIdempotency({ url: mysql.server().url }));
    return {
      store,
      reopen: async () => {
        await store.close();
        return openAnswers();
      },
    };
  }

  usersStoreContract('the users store', openUsers);
  idempotencyStoreContract('the store of answers', openAnswers);
});
