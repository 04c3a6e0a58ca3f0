import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** Finds the tenant that an operator names by slug or id. */
@Injectable()
export class TenantLookupRepository {
  constructor(private readonly database: PlatformDatabase) {}

  async findId(slugOrId: string): Promise<string | undefined> {
    const found = await this.database.run((transaction) =>
      transaction.tenant.findFirst({ where: { OR: [{ slug: slugOrId }, { id: slugOrId }] }, select: { id: true } }),
    );
    return found?.id;
  }
}
