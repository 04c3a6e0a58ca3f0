import { Injectable } from '@nestjs/common';
import type { LoginSettings } from '../../../contracts/connection-logins.js';
import { Prisma, type ConnectionLogin } from '../../../platform/database/generated/client.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
import type { LoginEndpoints } from './login-endpoints.js';
import type { LoginOwner } from './login-secrets.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** A login's row, and what the database's clock says of it. */
export interface LoginRow extends ConnectionLogin {
  /** A process renews the tokens, which may be this one. */
  readonly isClaimed: boolean;
  /** The last renewal failed a moment ago. */
  readonly isResting: boolean;
}

/** Sealed tokens with their times. */
export interface StoredTokens {
  readonly tokens: Bytes;
  readonly lastsSeconds: number | null;
  readonly refreshLastsSeconds: number | null;
  /** The addresses that they were got with, where the issuer was asked for them just now. */
  readonly discovered?: LoginEndpoints | null;
}

const noTokens = {
  tokens: null,
  obtainedAt: null,
  expiresAt: null,
  refreshExpiresAt: null,
  claimedBy: null,
  claimedUntil: null,
  failure: null,
  failedAt: null,
  retryAt: null,
  attempt: null,
  attemptUntil: null,
} as const;

const another = { number: { increment: 1 }, generation: { increment: 1 } } as const;

/** The renewal of a login that a process has claimed. What it writes counts while nobody else has claimed it since. */
export interface Claim extends LoginOwner {
  /** Of the tokens that are renewed. */
  readonly number: number;
  readonly claimedBy: string;
}

/** The rows of logins. Tokens are written by whoever names the number of those before; times are the database's. */
@Injectable()
export class ConnectionLoginsRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** @throws DatabaseAwayError. */
  async read(owner: LoginOwner): Promise<LoginRow | undefined> {
    return this.database.run(owner.tenantId, async (transaction) => {
      const row = await transaction.connectionLogin.findUnique({ where: keyOf(owner) });
      if (row === null) return undefined;
      const [now] = await transaction.$queryRaw<{ now: Date }[]>`select clock_timestamp() as now`;
      const isLater = (at: Date | null): boolean => at !== null && now !== undefined && at > now.now;
      return { ...row, isClaimed: isLater(row.claimedUntil), isResting: isLater(row.retryAt) };
    });
  }

  /** The connection with its login, as calls need them. @throws DatabaseAwayError. */
  async readForCalls({ tenantId, id }: LoginOwner) {
    return this.database.run(tenantId, (transaction) =>
      transaction.connection.findFirst({ where: { tenantId, id }, include: { login: true } }),
    );
  }

  async insert(
    transaction: Transaction,
    owner: LoginOwner,
    settings: LoginSettings,
    clientSecret: Bytes | null,
    state: string,
  ): Promise<void> {
    await transaction.connectionLogin.create({ data: { tenantId: owner.tenantId, id: owner.id, settings, clientSecret, state } });
  }

  /** New settings; with `state` the login ends, and its tokens are deleted. */
  async change(
    transaction: Transaction,
    owner: LoginOwner,
    settings: LoginSettings,
    clientSecret: Bytes | null | undefined,
    state: string | undefined,
  ): Promise<void> {
    const ended = state === undefined ? {} : { ...noTokens, discovered: Prisma.DbNull, state, ...another };
    const secret = clientSecret === undefined ? {} : { clientSecret };
    await transaction.connectionLogin.update({ where: keyOf(owner), data: { settings, ...secret, ...ended } });
  }

  async delete(transaction: Transaction, owner: LoginOwner): Promise<void> {
    await transaction.connectionLogin.deleteMany({ where: { tenantId: owner.tenantId, id: owner.id } });
  }

  /** Ends the login: its tokens are deleted. */
  async end(transaction: Transaction, owner: LoginOwner): Promise<void> {
    const data = { ...noTokens, state: 'out', ...another };
    await transaction.connectionLogin.updateMany({ where: { tenantId: owner.tenantId, id: owner.id }, data });
  }

  /** Puts a login that begins in the place of one that was begun before. */
  async putAttempt(owner: LoginOwner, attempt: Bytes, lastsSeconds: number): Promise<void> {
    await this.database.run(
      owner.tenantId,
      (transaction) => transaction.$executeRaw`
        update connection_logins
           set attempt = ${attempt}, attempt_until = clock_timestamp() + make_interval(secs => ${lastsSeconds})
         where tenant_id = ${owner.tenantId} and id = ${owner.id}`,
    );
  }

  /** The login that was begun, while it may be completed. */
  async attempt(owner: LoginOwner): Promise<Uint8Array | undefined> {
    return this.database.run(owner.tenantId, async (transaction) => {
      const [row] = await transaction.$queryRaw<{ attempt: Uint8Array }[]>`
        select attempt from connection_logins
         where tenant_id = ${owner.tenantId} and id = ${owner.id} and attempt_until > clock_timestamp()`;
      return row?.attempt;
    });
  }

  /** Puts other bytes in the place of a login that was begun, if it is still these. */
  async changeAttempt(owner: LoginOwner, before: Uint8Array, after: Bytes): Promise<void> {
    await this.database.run(
      owner.tenantId,
      (transaction) => transaction.$executeRaw`
        update connection_logins set attempt = ${after}
         where tenant_id = ${owner.tenantId} and id = ${owner.id} and attempt = ${before}`,
    );
  }

  /** Takes the login that was begun, so that nobody completes it again. True for the first who does. */
  async takeAttempt(owner: LoginOwner, attempt: Uint8Array): Promise<boolean> {
    return this.database.run(owner.tenantId, async (transaction) => {
      const taken = await transaction.$executeRaw`
        update connection_logins set attempt = null, attempt_until = null
         where tenant_id = ${owner.tenantId} and id = ${owner.id} and attempt = ${attempt}`;
      return taken === 1;
    });
  }

  /** Says who renews the tokens of this number, for so many seconds. False when another does, or there are newer ones. */
  async claim({ tenantId, id, number, claimedBy }: Claim, seconds: number): Promise<boolean> {
    return this.database.run(tenantId, async (transaction) => {
      const claimed = await transaction.$executeRaw`
        update connection_logins
           set claimed_by = ${claimedBy}, claimed_until = clock_timestamp() + make_interval(secs => ${seconds})
         where tenant_id = ${tenantId} and id = ${id} and number = ${number} and state = 'in'
           and (claimed_until is null or claimed_until < clock_timestamp() or claimed_by = ${claimedBy})
           and (retry_at is null or retry_at < clock_timestamp())`;
      return claimed === 1;
    });
  }

  /** Stores new tokens. False when there are newer ones, the login has ended, or another process renews it. */
  async store({ tenantId, id, number, claimedBy }: Claim, given: StoredTokens): Promise<boolean> {
    const { tokens, lastsSeconds, refreshLastsSeconds, discovered = null } = given;
    return this.database.run(tenantId, async (transaction) => {
      const stored = await transaction.$executeRaw`
        update connection_logins
           set tokens = ${tokens}, number = number + 1, obtained_at = clock_timestamp(),
               expires_at = clock_timestamp() + make_interval(secs => ${lastsSeconds}::double precision),
               refresh_expires_at = coalesce(
                 clock_timestamp() + make_interval(secs => ${refreshLastsSeconds}::double precision), refresh_expires_at),
               discovered = coalesce(${discovered === null ? null : JSON.stringify(discovered)}::jsonb, discovered),
               claimed_by = null, claimed_until = null, failure = null, failed_at = null, retry_at = null,
               updated_at = clock_timestamp()
         where tenant_id = ${tenantId} and id = ${id} and number = ${number} and state = 'in' and claimed_by = ${claimedBy}`;
      return stored === 1;
    });
  }

  /**
   * Stores the first tokens of a login, with the addresses that it goes on with. False when the login has ended, or
   * another one has begun, since it was of this generation.
   */
  async begin(transaction: Transaction, owner: LoginOwner, generation: number, given: StoredTokens): Promise<boolean> {
    const { tokens, lastsSeconds, refreshLastsSeconds, discovered = null } = given;
    const stored = await transaction.$executeRaw`
      update connection_logins
         set tokens = ${tokens}, state = 'in', number = number + 1, generation = generation + 1, obtained_at = clock_timestamp(),
             expires_at = clock_timestamp() + make_interval(secs => ${lastsSeconds}::double precision),
             refresh_expires_at = clock_timestamp() + make_interval(secs => ${refreshLastsSeconds}::double precision),
             discovered = ${discovered === null ? null : JSON.stringify(discovered)}::jsonb,
             claimed_by = null, claimed_until = null, failure = null, failed_at = null, retry_at = null,
             attempt = null, attempt_until = null, updated_at = clock_timestamp()
       where tenant_id = ${owner.tenantId} and id = ${owner.id} and generation = ${generation}`;
    return stored === 1;
  }

  /** The renewal has failed, and may be tried again in so many seconds. */
  async fail({ tenantId, id, number, claimedBy }: Claim, failure: string, restSeconds: number): Promise<void> {
    await this.database.run(
      tenantId,
      (transaction) => transaction.$executeRaw`
        update connection_logins
           set claimed_by = null, claimed_until = null, failure = ${failure}, failed_at = clock_timestamp(),
               retry_at = clock_timestamp() + make_interval(secs => ${restSeconds})
         where tenant_id = ${tenantId} and id = ${id} and number = ${number} and claimed_by = ${claimedBy}`,
    );
  }

  /** The provider has ended the login whose tokens are renewed. */
  async lose({ tenantId, id, number, claimedBy }: Claim, failure: string): Promise<void> {
    await this.database.run(
      tenantId,
      (transaction) => transaction.$executeRaw`
        update connection_logins
           set state = 'lost', tokens = null, number = number + 1, expires_at = null, refresh_expires_at = null,
               claimed_by = null, claimed_until = null, retry_at = null, failure = ${failure},
               failed_at = clock_timestamp(), updated_at = clock_timestamp()
         where tenant_id = ${tenantId} and id = ${id} and number = ${number} and claimed_by = ${claimedBy}`,
    );
  }
}

function keyOf({ tenantId, id }: LoginOwner) {
  return { tenantId_id: { tenantId, id } };
}
