import { Module } from '@nestjs/common';
import { CountedTenants } from './counted-tenants.js';

/** Whose budgets have counted calls: between the drain of usage, which knows, and the thresholds, which tell. */
@Module({ providers: [CountedTenants], exports: [CountedTenants] })
export class CountedTenantsModule {}
