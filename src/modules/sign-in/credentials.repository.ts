import { Injectable } from '@nestjs/common';
import type { MemberCredential } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

export type CredentialRecord = MemberCredential;

type Bytes = Uint8Array<ArrayBuffer>;

/** A member who may sign in, with what there is to sign in with. */
export interface KnownMember {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly credential: CredentialRecord | null;
}

const asKnown = { id: true, email: true, role: true, credential: true } as const;

/** The rows of what members sign in with. */
@Injectable()
export class CredentialsRepository {
  /** The active member of this address, in lower case, of an active tenant. */
  async findByEmail(transaction: Transaction, tenantId: string, email: string): Promise<KnownMember | null> {
    return transaction.member.findFirst({
      where: { tenantId, email, state: 'active', tenant: { state: 'active' } },
      select: asKnown,
    });
  }

  /** The same for a member's id. */
  async findMember(transaction: Transaction, tenantId: string, id: string): Promise<KnownMember | null> {
    return transaction.member.findFirst({
      where: { tenantId, id, state: 'active', tenant: { state: 'active' } },
      select: asKnown,
    });
  }

  /** The same for whoever is bound to this account of an issuer. */
  async findByAccount(
    transaction: Transaction,
    tenantId: string,
    { issuer, subject }: { readonly issuer: string; readonly subject: string },
  ): Promise<KnownMember | null> {
    return transaction.member.findFirst({
      where: {
        tenantId,
        state: 'active',
        tenant: { state: 'active' },
        credential: { oidcIssuer: issuer, oidcSubject: subject },
      },
      select: asKnown,
    });
  }

  /** Binds a member to an account, in the place of one before. */
  async bindAccount(
    transaction: Transaction,
    tenantId: string,
    id: string,
    { issuer, subject }: { readonly issuer: string; readonly subject: string },
  ): Promise<void> {
    const bound = { oidcIssuer: issuer, oidcSubject: subject };
    await transaction.memberCredential.upsert({
      where: { tenantId_id: { tenantId, id } },
      create: { tenantId, id, ...bound },
      update: bound,
    });
  }

  /**
   * Until the transaction ends, nobody else changes what the member signs in with, nor the member: what is read behind it is how it
   * stays. A member without a row gets one.
   */
  async lock(transaction: Transaction, tenantId: string, id: string): Promise<void> {
    await transaction.$queryRaw`select 1 as one from members where tenant_id = ${tenantId} and id = ${id} for share`;
    await transaction.$executeRaw`
      insert into member_credentials (tenant_id, id) values (${tenantId}, ${id}) on conflict do nothing`;
    await transaction.$queryRaw`select 1 as one from member_credentials where tenant_id = ${tenantId} and id = ${id} for update`;
  }

  async setPassword(transaction: Transaction, tenantId: string, id: string, passwordHash: string): Promise<void> {
    const set = { passwordHash, passwordSetAt: new Date() };
    await transaction.memberCredential.upsert({
      where: { tenantId_id: { tenantId, id } },
      create: { tenantId, id, ...set },
      update: set,
    });
  }

  /** Puts a second factor in the place of one that was not confirmed. @param sealed null takes it away. */
  async setTotp(transaction: Transaction, tenantId: string, id: string, sealed: Bytes | null): Promise<void> {
    await transaction.memberCredential.update({
      where: { tenantId_id: { tenantId, id } },
      data: { totpSecret: sealed, totpConfirmedAt: null, recoveryCodes: [], ...(sealed === null ? { totpStep: 0n } : {}) },
    });
  }

  async confirmTotp(transaction: Transaction, tenantId: string, id: string): Promise<void> {
    await transaction.memberCredential.update({
      where: { tenantId_id: { tenantId, id } },
      data: { totpConfirmedAt: new Date() },
    });
  }

  async setRecoveryCodes(transaction: Transaction, tenantId: string, id: string, hashes: readonly string[]): Promise<void> {
    await transaction.memberCredential.update({
      where: { tenantId_id: { tenantId, id } },
      data: { recoveryCodes: [...hashes] },
    });
  }

  /** Takes a step of 30 seconds. False when it, or a later one, was taken before: no code counts twice. */
  async takeStep(transaction: Transaction, tenantId: string, id: string, step: bigint): Promise<boolean> {
    const taken = await transaction.$executeRaw`
      update member_credentials set totp_step = ${step}
       where tenant_id = ${tenantId} and id = ${id} and totp_step < ${step}`;
    return taken === 1;
  }

  /** Takes a recovery code. False when the member has none of this hash. */
  async takeRecoveryCode(transaction: Transaction, tenantId: string, id: string, hash: string): Promise<boolean> {
    const taken = await transaction.$executeRaw`
      update member_credentials set recovery_codes = array_remove(recovery_codes, ${hash})
       where tenant_id = ${tenantId} and id = ${id} and ${hash} = any(recovery_codes)`;
    return taken === 1;
  }
}
