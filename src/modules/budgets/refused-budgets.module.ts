import { Module } from '@nestjs/common';
import { RefusedBudgets } from './refused-budgets.js';

/** Which budgets have refused calls: between the gates, which know, and the watch, which tells. */
@Module({ providers: [RefusedBudgets], exports: [RefusedBudgets] })
export class RefusedBudgetsModule {}
