import { Injectable } from '@nestjs/common';

/** The tenants whose budgets have counted calls of this process, until somebody looks at how those budgets stand. */
@Injectable()
export class CountedTenants {
  private readonly ids = new Set<string>();

  add(tenantIds: readonly string[]): void {
    for (const id of tenantIds) this.ids.add(id);
  }

  /** Those since the last time. */
  take(): readonly string[] {
    const taken = [...this.ids];
    this.ids.clear();
    return taken;
  }
}
