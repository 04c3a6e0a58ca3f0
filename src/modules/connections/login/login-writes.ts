import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import { ConnectionLoginsRepository } from './connection-logins.repository.js';
import { LoginSecrets, type LoginOwner } from './login-secrets.js';
import type { LoginPlan } from './planned-login.js';

/** Writes the logins of connections that are made and changed. */
@Injectable()
export class LoginWrites {
  constructor(
    private readonly repository: ConnectionLoginsRepository,
    private readonly secrets: LoginSecrets,
  ) {}

  /** @param plan null where the connection has none (any more). */
  async write(transaction: Transaction, owner: LoginOwner, plan: LoginPlan | null, isThere: boolean): Promise<void> {
    if (plan === null) {
      if (isThere) await this.repository.delete(transaction, owner);
      return;
    }
    const { settings, secret, begins, state } = plan;
    const sealed = typeof secret === 'string' ? this.secrets.sealSecret(owner, secret) : secret;
    if (isThere) await this.repository.change(transaction, owner, settings, sealed, begins ? state : undefined);
    else await this.repository.insert(transaction, owner, settings, sealed ?? null, state);
  }
}
