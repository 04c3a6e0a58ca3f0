import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import { credentialHash } from '../../kernel/credentials.js';
import { randomBase62 } from '../../kernel/ids.js';
import { KeyRing, type SealContext } from '../../platform/secrets/key-ring.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { CredentialsRepository, type CredentialRecord } from './credentials.repository.js';
import { newTotpSecret, stepOf } from './totp.js';

const recoveryCodes = 10;
const recoveryLength = 12;

/** The second factor of a member: codes of an authenticator app, and recovery codes for who has lost it. */
@Injectable()
export class SecondFactor {
  constructor(
    private readonly repository: CredentialsRepository,
    private readonly ring: KeyRing,
  ) {}

  /** Whether the member must show one. */
  isOn(credential: CredentialRecord | null): boolean {
    return credential?.totpConfirmedAt != null;
  }

  /** Goes on only with a right code, which is used up. @throws AppError second_factor_required, invalid_credentials. */
  async demand(transaction: Transaction, credential: CredentialRecord | null, code: string | undefined): Promise<void> {
    if (code === undefined) throw new AppError('second_factor_required', { param: 'code' });
    if (credential === null || !(await this.take(transaction, credential, code))) throw wrongCode();
  }

  /** Judges a code and uses it up. @param code without blanks and dashes, in lower case. */
  private async take(transaction: Transaction, credential: CredentialRecord, code: string): Promise<boolean> {
    const { tenantId, id } = credential;
    if (await this.takeStep(transaction, credential, code)) return true;
    if (code.length !== recoveryLength) return false;
    return this.repository.takeRecoveryCode(transaction, tenantId, id, credentialHash(code));
  }

  /** The same for a code of the app alone, which may have been set up just now. @throws AppError invalid_credentials. */
  async demandOfApp(transaction: Transaction, credential: CredentialRecord, code: string): Promise<void> {
    if (!(await this.takeStep(transaction, credential, code))) throw wrongCode();
  }

  private async takeStep(transaction: Transaction, credential: CredentialRecord, code: string): Promise<boolean> {
    const { tenantId, id } = credential;
    const step = await stepOf(this.secretOf(credential), code, Date.now());
    return step !== undefined && (await this.repository.takeStep(transaction, tenantId, id, step));
  }

  /** Sets up a factor that does not count yet; one that counts stays. @returns its secret. @throws AppError conflict. */
  async setUp(transaction: Transaction, tenantId: string, id: string): Promise<string> {
    const secret = await newTotpSecret();
    await this.repository.setTotp(transaction, tenantId, id, new Uint8Array(this.ring.seal(secret, totpSeal(tenantId, id))));
    return secret;
  }

  /** New recovery codes in the place of all before. @returns them, as they are shown once. */
  async newRecoveryCodes(transaction: Transaction, tenantId: string, id: string): Promise<readonly string[]> {
    const codes = Array.from({ length: recoveryCodes }, () => randomBase62(recoveryLength).toLowerCase());
    await this.repository.setRecoveryCodes(transaction, tenantId, id, codes.map(credentialHash));
    return codes.map((code) => code.replace(/(.{4})(?=.)/g, '$1-'));
  }

  private secretOf({ tenantId, id, totpSecret }: CredentialRecord): string {
    if (totpSecret === null) throw new AppError('internal_error', { cause: 'a second factor without a secret' });
    return this.ring.open(totpSecret, totpSeal(tenantId, id));
  }
}

/** In which context a member's second factor is sealed. */
export function totpSeal(tenantId: string, memberId: string): SealContext {
  return { tenantId, recordId: `totp:${memberId}` };
}

function wrongCode(): AppError {
  return new AppError('invalid_credentials', {
    param: 'code',
    message: 'This code is not right, or was used before. Wait for the next one of your app.',
  });
}
