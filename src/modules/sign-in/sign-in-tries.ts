import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import { credentialHash } from '../../kernel/credentials.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';

/** How often an account may be tried in one window without success, by whomever. */
export const mostTries = 10;
const windowSeconds = 900;

/**
 * Bounds how often one account is tried, over all processes. A try counts before it is judged, so that many at once are no way
 * around; one that succeeds begins anew. Accounts that do not exist count in the same way.
 */
@Injectable()
export class SignInTries {
  constructor(private readonly database: TenantDatabase) {}

  /** Counts a try. @throws AppError rate_limit_exceeded when there were too many. */
  async count(tenantId: string, email: string): Promise<void> {
    const rows = await this.database.runPlain(
      tenantId,
      async (transaction) => transaction.$queryRaw<{ tries: number; seconds: number }[]>`
        insert into sign_in_failures as known (tenant_id, account, tries, ends_at)
        values (${tenantId}, ${credentialHash(email)}, 1, clock_timestamp() + make_interval(secs => ${windowSeconds}))
        on conflict (tenant_id, account) do update
          set tries = case when known.ends_at <= clock_timestamp() then 1 else known.tries + 1 end,
              ends_at = case when known.ends_at <= clock_timestamp() then excluded.ends_at else known.ends_at end
        returning tries, ceil(extract(epoch from ends_at - clock_timestamp()))::int as seconds`,
    );
    const [{ tries, seconds } = { tries: 0, seconds: 0 }] = rows;
    if (tries > mostTries) throw tooMany(seconds);
  }

  /** A try has succeeded. */
  async forget(transaction: Transaction, tenantId: string, email: string): Promise<void> {
    await transaction.$executeRaw`
      delete from sign_in_failures where tenant_id = ${tenantId} and account = ${credentialHash(email)}`;
  }
}

function tooMany(seconds: number): AppError {
  const minutes = Math.max(1, Math.ceil(seconds / 60));
  return new AppError('rate_limit_exceeded', {
    message: `There were too many tries to sign in with this e-mail address. Try again in ${minutes} min, or ask an owner for a recovery link.`,
    headers: { 'retry-after': String(Math.max(1, seconds)) },
  });
}
