import { Injectable, type OnModuleInit } from '@nestjs/common';
import { isCall, usageKind } from '../../platform/journal/call-record.js';
import { RecordKinds, type RecordKeeper } from '../../platform/journal/record-kinds.js';
import { CountedTenants } from '../budgets/counted-tenants.js';
import { UsageDrainRepository } from './usage-drain.repository.js';

/** Carries calls from the journal to the database. */
@Injectable()
export class UsageKeeper implements RecordKeeper, OnModuleInit {
  readonly kind = usageKind;

  constructor(
    private readonly kinds: RecordKinds,
    private readonly repository: UsageDrainRepository,
    private readonly counted: CountedTenants,
  ) {}

  onModuleInit(): void {
    this.kinds.register(this);
  }

  reads(columns: readonly unknown[]): boolean {
    return isCall(columns);
  }

  async write(texts: readonly string[]): Promise<void> {
    this.counted.add(await this.repository.write(texts, []));
  }
}
