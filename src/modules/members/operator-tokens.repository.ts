import { Injectable } from '@nestjs/common';
import type { ListOperatorTokensQuery } from '../../contracts/admin-tokens.js';
import type { RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { OperatorToken } from '../../platform/database/generated/client.js';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

/** The rows of operators' tokens, which belong to no tenant. */
@Injectable()
export class OperatorTokensRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Opens the one transaction of a change and its audit. */
  async change<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.database.run(work);
  }

  async list(query: ListOperatorTokensQuery): Promise<RowPage<OperatorToken>> {
    return this.database.run((transaction) =>
      readPage(query, {
        find: (id) => this.find(transaction, id),
        list: (page) =>
          transaction.operatorToken.findMany({
            where: { name: query.name, ...page.where },
            orderBy: page.orderBy,
            take: page.take,
          }),
      }),
    );
  }

  async find(transaction: Transaction, id: string): Promise<OperatorToken | null> {
    return transaction.operatorToken.findUnique({ where: { id } });
  }

  /** Makes every other change of this token wait until the transaction ends. */
  async lock(transaction: Transaction, id: string): Promise<void> {
    await transaction.$queryRaw`select id from operator_tokens where id = ${id} for update`;
  }

  async revoke(transaction: Transaction, id: string, at: Date): Promise<OperatorToken> {
    return transaction.operatorToken.update({ where: { id }, data: { revokedAt: at } });
  }
}
