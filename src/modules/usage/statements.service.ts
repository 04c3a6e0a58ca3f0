import { Injectable } from '@nestjs/common';
import { statementLines } from '../../contracts/statements.js';
import { completed, type StatementLineRecord } from './statement-lines.js';
import type { UsageTotals } from './usage-totals.js';
import { UsageRepository } from './usage.repository.js';

/** What a tenant used in a month. */
export interface Statement {
  /** Like `2027-01`, in UTC. */
  readonly month: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** They add up to the totals. */
  readonly lines: readonly StatementLineRecord[];
  readonly totals: UsageTotals;
}

/** What a tenant is charged, month by month. */
@Injectable()
export class StatementsService {
  constructor(private readonly usage: UsageRepository) {}

  /** Of a month that is not over: what there is so far. @param month like `2027-01`. @param most lines with names. */
  async of(tenantId: string, month = monthOf(new Date()), most = statementLines): Promise<Statement> {
    const [year = 0, number = 1] = month.split('-').map(Number);
    const [sinceMs, untilMs] = [Date.UTC(year, number - 1), Date.UTC(year, number)];
    const { lines, ...totals } = await this.usage.statement(tenantId, { sinceMs, untilMs }, most);
    return { month, sinceMs, untilMs, lines: completed(lines, totals), totals };
  }
}

function monthOf(moment: Date): string {
  return moment.toISOString().slice(0, 7);
}
