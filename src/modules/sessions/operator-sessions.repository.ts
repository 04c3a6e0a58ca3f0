import { Injectable } from '@nestjs/common';
import { newTimedId } from '../../kernel/ids.js';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { SessionRecord, SignInPlace } from './session-record.js';
import { longestMs, mostSessions } from './session-times.js';

export interface OperatorSessionStart extends SignInPlace {
  readonly hash: string;
}

const withToken = { token: { select: { name: true } } } as const;

/** The rows of operators' sessions, each made of a token and over with it. */
@Injectable()
export class OperatorSessionsRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Opens the one transaction of a change and its audit. */
  async change<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.database.run(work);
  }

  /** Begins a session of a token. Beyond the number that a token may have, the oldest ones end. */
  async insert(
    transaction: Transaction,
    tokenId: string,
    { hash, address, userAgent }: OperatorSessionStart,
  ): Promise<SessionRecord> {
    const now = new Date();
    const row = await transaction.operatorSession.create({
      data: {
        id: newTimedId('session', now.getTime()),
        tokenId,
        hash,
        address,
        userAgent: userAgent.slice(0, 300),
        createdAt: now,
        lastSeenAt: now,
        expiresAt: new Date(now.getTime() + longestMs),
      },
      include: withToken,
    });
    await transaction.$executeRaw`
      delete from operator_sessions where token_id = ${tokenId} and id not in
        (select id from operator_sessions where token_id = ${tokenId} order by created_at desc, id desc limit ${mostSessions})`;
    return shown(row);
  }

  async find(id: string): Promise<SessionRecord | undefined> {
    const row = await this.database.run((transaction) =>
      transaction.operatorSession.findUnique({ where: { id }, include: withToken }),
    );
    return row === null ? undefined : shown(row);
  }

  async end(transaction: Transaction, id: string): Promise<void> {
    await transaction.operatorSession.deleteMany({ where: { id } });
  }

  /** Ends the sessions of the same token but this one; answers how many. */
  async endOthers(transaction: Transaction, id: string): Promise<number> {
    return transaction.$executeRaw`
      delete from operator_sessions where id <> ${id} and token_id = (select token_id from operator_sessions where id = ${id})`;
  }

  async touch(id: string): Promise<void> {
    await this.database.run((transaction) =>
      transaction.operatorSession.updateMany({ where: { id }, data: { lastSeenAt: new Date() } }),
    );
  }
}

interface Row {
  readonly id: string;
  readonly address: string;
  readonly userAgent: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly token: { readonly name: string };
}

function shown({ token: { name }, ...row }: Row): SessionRecord {
  return { ...row, tenant: null, member: null, role: 'operator', name, method: 'token', secondFactor: false };
}
