import { Injectable } from '@nestjs/common';
import { BudgetSection } from './budget-section.js';
import { KeySections } from './key-sections.js';
import { ProviderSections } from './provider-sections.js';
import { PublishingSections } from './publishing-sections.js';
import type { Section, TenantRun } from './tenant-run.js';

/** All sections of a tenant's entry. */
@Injectable()
export class Sections {
  constructor(
    private readonly providers: ProviderSections,
    private readonly keys: KeySections,
    private readonly publishing: PublishingSections,
    private readonly spending: BudgetSection,
  ) {}

  /** In the order in which they build upon one another; the other way round nothing is deleted that is still used. */
  of(run: TenantRun): readonly Section[] {
    return [
      this.providers.connections(run),
      this.providers.prices(run),
      this.providers.datasets(run),
      this.keys.presets(run),
      this.publishing.agents(run),
      this.publishing.endpoints(run),
      this.keys.keys(run),
      this.spending.budgets(run),
    ];
  }
}
