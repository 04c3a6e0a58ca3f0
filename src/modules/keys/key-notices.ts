import { Injectable } from '@nestjs/common';
import { endNotices, limitNotices, policyNotices } from '../../contracts/notices.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { KeyFields } from './keys.repository.js';

/** Allowlists by the name that requests give them, with what they hold. */
const allowlists = { agents: 'agents', raw_models: 'rawModels', datasets: 'datasets' } as const;

/** The fields that a request gives, by their names in it. */
export type GivenFields = Readonly<Partial<Record<keyof typeof allowlists | 'limits' | 'prompt_policy', unknown>>>;

const mostNamed = 5;
const all = '*';

/** A key that is made or changed: its purpose, the fields that were given, and all as they are then. */
export interface NoticedKey {
  readonly purpose: string;
  readonly given: GivenFields;
  readonly fields: KeyFields;
}

type Known = Readonly<Record<keyof typeof allowlists, ReadonlySet<string>>>;

/** Tells who makes or changes a key what of it has no effect: limits that nothing enforces yet, names that match nothing. */
@Injectable()
export class KeyNotices {
  /** Notices on the fields that were given; of what stays as it was nothing is said again. */
  async of(tx: Transaction, tenantId: string, key: NoticedKey): Promise<string[]> {
    return (await this.ofMany(tx, tenantId, [key])).flat();
  }

  /** The same for several keys of a tenant, whose names are looked up together. */
  async ofMany(tx: Transaction, tenantId: string, keys: readonly NoticedKey[]): Promise<string[][]> {
    const namesIn = (field: keyof typeof allowlists): string[] => [...new Set(keys.flatMap((key) => namedIn(key, field)))];
    const known: Known = {
      agents: await endpoints(tx, tenantId, 'agents', namesIn('agents')),
      raw_models: await endpoints(tx, tenantId, 'rawModels', namesIn('raw_models')),
      datasets: await datasets(tx, tenantId, namesIn('datasets')),
    };
    return keys.map((key) => noticesOf(key, known));
  }
}

function noticesOf(key: NoticedKey, known: Known): string[] {
  const { purpose, given, fields } = key;
  return [
    ...(given.limits === undefined ? [] : limitNotices(fields.limits)),
    ...(given.prompt_policy === undefined ? [] : policyNotices(fields.promptPolicy, fields.rawModels)),
    ...(purpose === 'conversation' ? idleFields(fields) : unmatched(key, known)),
    ...endNotices(fields.expiresAt ?? null, Date.now()),
  ];
}

function unmatched(key: NoticedKey, known: Known): string[] {
  return (Object.keys(allowlists) as (keyof typeof allowlists)[]).flatMap((field) => {
    const unknown = namedIn(key, field).filter((name) => !known[field].has(name));
    return unknown.length === 0 ? [] : [`${field}: nothing has the name ${quoted(unknown)} yet.`];
  });
}

/** The names of a list that was given. A conversation key's own lists have no effect, and are not looked at. */
function namedIn({ purpose, given, fields }: NoticedKey, field: keyof typeof allowlists): string[] {
  if (given[field] === undefined || purpose === 'conversation') return [];
  return fields[allowlists[field]].filter((name) => name !== all);
}

async function endpoints(
  tx: Transaction,
  tenantId: string,
  list: 'agents' | 'rawModels',
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const kind = list === 'agents' ? 'agent_alias' : 'raw_model';
  const rows = await tx.endpoint.findMany({ where: { tenantId, kind, name: { in: [...names] } }, select: { name: true } });
  return new Set(rows.map(({ name }) => name));
}

async function datasets(tx: Transaction, tenantId: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const either = [{ id: { in: [...names] } }, { alias: { in: [...names] } }];
  const rows = await tx.dataset.findMany({ where: { tenantId, kind: 'dataset', OR: either }, select: { id: true, alias: true } });
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
