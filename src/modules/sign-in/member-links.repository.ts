import { Injectable } from '@nestjs/common';
import type { MemberLink } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

const whose = {
  tenant: { select: { slug: true, name: true } },
  member: { select: { id: true, email: true, role: true, state: true } },
} as const;

/** A link with its tenant and member. */
export interface MemberLinkRecord extends MemberLink {
  readonly tenant: { readonly slug: string; readonly name: string };
  readonly member: { readonly id: string; readonly email: string; readonly role: string; readonly state: string };
}

/** The rows of links. A member has one at most; one that was used is gone. */
@Injectable()
export class MemberLinksRepository {
  /** Puts a link in the place of the member's one before. */
  async put(transaction: Transaction, link: Omit<MemberLink, 'createdAt'>): Promise<MemberLinkRecord> {
    const { tenantId, memberId } = link;
    await transaction.memberLink.deleteMany({ where: { tenantId, memberId } });
    return transaction.memberLink.create({ data: link, include: whose });
  }

  /** A link that is good: of a member who is active. @param isTaken locks it, so that it is used once. */
  async find(transaction: Transaction, tenantId: string, hash: string, isTaken = false): Promise<MemberLinkRecord | undefined> {
    if (isTaken)
      await transaction.$queryRaw`select 1 as one from member_links where tenant_id = ${tenantId} and hash = ${hash} for update`;
    const found = await transaction.memberLink.findFirst({
      where: { tenantId, hash, expiresAt: { gt: new Date() }, member: { state: 'active' } },
      include: whose,
    });
    return found ?? undefined;
  }

  async delete(transaction: Transaction, tenantId: string, memberId: string): Promise<void> {
    await transaction.memberLink.deleteMany({ where: { tenantId, memberId } });
  }
}
