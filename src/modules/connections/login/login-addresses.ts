import { Injectable } from '@nestjs/common';
import type { OauthAuth } from '../../../contracts/connection-logins.js';
import { AppError } from '../../../kernel/app-error.js';
import { EgressPolicy } from '../../../platform/upstream/egress-policy.js';
import { addressesOf } from './login-settings.js';

/** Judges the addresses of a login as those of providers are judged. Secrets go there, so plain http only within. */
@Injectable()
export class LoginAddresses {
  constructor(private readonly policy: EgressPolicy) {}

  /** It may ask the name service, and so is called before a transaction. @throws AppError invalid_value. */
  async judge(auth: Parameters<typeof addressesOf>[0]): Promise<void> {
    for (const [param, address] of addressesOf(auth)) await this.judgeOne(address, param);
  }

  /** The same for the `auth` of a connection, of whatever mode. */
  async judgeAuth(auth: { readonly mode: string } | undefined): Promise<void> {
    if (auth?.mode === 'oauth') await this.judge(auth as OauthAuth);
  }

  /** The same for one address. */
  async judgeOne(address: string, param: string): Promise<void> {
    const url = await this.policy.judgeUrl(address, { param, allowQuery: true });
    if (url.protocol === 'https:' || this.policy.allowsPrivately(url)) return;
    throw new AppError('invalid_value', { param, message: 'The address must be an https URL: secrets are sent there.' });
  }
}
