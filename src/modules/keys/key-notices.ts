import { Injectable } from '@nestjs/common';
import { limitNotices, policyNotices } from '../../contracts/notices.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { KeyFields } from './keys.repository.js';

/** Allowlists by the name that requests give them, with what they hold. */
const allowlists = { agents: 'agents', raw_models: 'rawModels', datasets: 'datasets' } as const;

/** The fields that a request gives, by their names in it. */
export type GivenFields = Readonly<Partial<Record<keyof typeof allowlists | 'limits' | 'prompt_policy', unknown>>>;

const mostNamed = 5;
const all = '*';

/** Tells who makes or changes a key what of it has no effect: limits that nothing enforces yet, names that match nothing. */
@Injectable()
export class KeyNotices {
  /** Notices on the fields that were given; of what stays as it was nothing is said again. */
  async of(tx: Transaction, tenantId: string, purpose: string, given: GivenFields, fields: KeyFields): Promise<string[]> {
    return [
      ...(given.limits === undefined ? [] : limitNotices(fields.limits)),
      ...(given.prompt_policy === undefined ? [] : policyNotices(fields.promptPolicy)),
      ...(purpose === 'conversation' ? idleFields(fields) : await this.unmatched(tx, tenantId, given, fields)),
    ];
  }

  private async unmatched(tx: Transaction, tenantId: string, given: GivenFields, fields: KeyFields): Promise<string[]> {
    const notices: string[] = [];
    for (const [field, own] of Object.entries(allowlists)) {
      const names = given[field as keyof typeof allowlists] === undefined ? [] : fields[own].filter((name) => name !== all);
      if (names.length === 0) continue;
      const known = own === 'datasets' ? await datasets(tx, tenantId, names) : await endpoints(tx, tenantId, own, names);
      const unknown = names.filter((name) => !known.has(name));
      if (unknown.length > 0) notices.push(`${field}: nothing has the name ${quoted(unknown)} yet.`);
    }
    return notices;
  }
}

async function endpoints(
  tx: Transaction,
  tenantId: string,
  list: 'agents' | 'rawModels',
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const kind = list === 'agents' ? 'agent_alias' : 'raw_model';
  const rows = await tx.endpoint.findMany({ where: { tenantId, kind, name: { in: [...names] } }, select: { name: true } });
  return new Set(rows.map(({ name }) => name));
}

async function datasets(tx: Transaction, tenantId: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  const either = [{ id: { in: [...names] } }, { alias: { in: [...names] } }];
  const rows = await tx.dataset.findMany({ where: { tenantId, OR: either }, select: { id: true, alias: true } });
  return new Set(rows.flatMap(({ id, alias }) => [id, alias]));
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).map((name) => `"${name}"`);
  return names.length > mostNamed ? `${shown.join(', ')} and ${names.length - mostNamed} more` : shown.join(' or ');
}

function idleFields(fields: KeyFields): string[] {
  const isSet = fields.agents.length + fields.rawModels.length + fields.datasets.length > 0 || fields.promptPolicy !== null;
  return isSet
    ? [
        'A conversation key takes agents, raw_models and prompt_policy from its inference link and datasets from its upload link; its own have no effect.',
      ]
    : [];
}
