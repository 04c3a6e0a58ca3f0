import { givenFallbacks, unsaidOfAgents } from '../../contracts/agent-spec.js';
import { approvalRoutes } from '../../catalog/approval.js';
import { builtInPreset } from '../../catalog/presets.js';
import { connectionHabits } from '../../contracts/connection-habits.js';
import { changedLimits, connectionLimits } from '../../contracts/connection-limits.js';
import { loginSettings } from '../../contracts/connection-logins.js';
import { defaultDroppedFields } from '../../contracts/connections.js';
import { oauthPlace, tokenPlace } from '../../contracts/wires.js';
import { givenMembers } from '../../kernel/fields.js';
import { endpointLimits, keyLimits, type KeyLimits } from '../../contracts/key-limits.js';
import type { PlatformFile, TenantEntry } from '../../contracts/platform-file.js';
import { modalities, scopes, type Purpose, type Scope } from '../../contracts/scopes.js';
import type {
  AgentForm,
  BudgetForm,
  ConnectionForm,
  DatasetForm,
  EndpointForm,
  KeyForm,
  PresetForm,
  PriceForm,
  TenantPriceForm,
} from './forms.js';

export type ConnectionEntry = TenantEntry['connections'][number];
export type DatasetEntry = TenantEntry['datasets'][number];
export type PriceEntry = NonNullable<PlatformFile['prices']>[number];
export type TenantPriceEntry = NonNullable<TenantEntry['prices']>[number];
export type PresetEntry = TenantEntry['presets'][number];
export type AgentEntry = TenantEntry['agents'][number];
export type EndpointEntry = TenantEntry['endpoints'][number];
export type KeyEntry = TenantEntry['keys'][number];
export type BudgetEntry = NonNullable<TenantEntry['budgets']>[number];

/** What a key takes from its preset where its entry says nothing. */
export interface PresetTerms {
  readonly purpose: Purpose;
  readonly scopes: readonly Scope[];
  readonly limits: KeyLimits;
}

/** A set in the one order in which forms hold it. */
export function sorted<T extends string>(items: readonly T[]): T[] {
  return [...new Set(items)].sort();
}

/** Scopes in the table's order. */
export function sortedScopes(given: readonly string[]): Scope[] {
  return scopes.filter((scope) => given.includes(scope));
}

/** An address as connections store it. */
export function plainAddress(url: string): string {
  return new URL(url).href.replace(/\/+$/, '');
}

export function connectionForm(entry: ConnectionEntry): ConnectionForm {
  const { auth } = entry;
  return {
    name: entry.name,
    base_url: plainAddress(entry.base_url),
    wire: entry.wire,
    auth: authForm(entry.wire, auth),
    paths: entry.paths ?? {},
    api_version: entry.api_version ?? null,
    dropped_fields: sorted(entry.dropped_fields ?? defaultDroppedFields),
    habits: connectionHabits.parse(entry.habits ?? {}),
    headers: headerNames(entry.headers),
    limits: changedLimits(connectionLimits.parse({}), entry.limits),
    embedding_batch_size: entry.embedding_batch_size ?? null,
    proxy: entry.proxy == null ? entry.proxy : { url: entry.proxy.url },
    ca: entry.ca ?? null,
    fine_tuning: entry.fine_tuning ?? 'off',
    publish_fine_tuned: entry.publish_fine_tuned ?? false,
  };
}

function headerNames(headers: ConnectionEntry['headers'] = []): string[] {
  return sorted((Array.isArray(headers) ? headers : Object.keys(headers)).map((name) => name.toLowerCase()));
}

function authForm(wire: string, auth: ConnectionEntry['auth']): ConnectionForm['auth'] {
  if (auth.mode === 'none') return { mode: 'none' };
  if (auth.mode === 'header_token') return { mode: 'header_token', ...tokenPlace(wire, auth) };
  return { mode: 'oauth', ...loginSettings.parse(givenMembers(auth)), ...oauthPlace(auth) };
}

export function datasetForm(entry: DatasetEntry): DatasetForm {
  const { alias, name, embedding, chunk_tokens, overlap_tokens, hidden_sheets, ocr_languages } = entry;
  return { alias, name, embedding, chunk_tokens, overlap_tokens, hidden_sheets, ocr_languages };
}

export function priceForm({ provider, model, valid_from, currency, amounts }: PriceEntry): PriceForm {
  return { provider, model, valid_from, currency, amounts };
}

export function tenantPriceForm({ amounts, currency, ...entry }: TenantPriceEntry): TenantPriceForm {
  return { ...entry, currency: amounts === null ? null : currency, amounts };
}

export function budgetForm({ key, endpoint, ...entry }: BudgetEntry): BudgetForm {
  return { ...entry, key: key ?? null, endpoint: endpoint ?? null };
}

export function presetForm(entry: PresetEntry): PresetForm {
  return {
    slug: entry.slug,
    name: entry.name ?? entry.slug,
    purpose: entry.purpose,
    scopes: sortedScopes(entry.scopes),
    limits: keyLimits.parse(entry.limits),
    links: linksForm(entry.links),
  };
}

export function agentForm(entry: AgentEntry): AgentForm {
  return {
    ...entry,
    max_output_tokens: entry.max_output_tokens ?? unsaidOfAgents.max_output_tokens,
    hosted_tools: [...new Set(entry.hosted_tools)].sort(),
    fallbacks: givenFallbacks(entry.fallbacks) ?? {},
    fetch_addresses: entry.fetch_addresses ?? unsaidOfAgents.fetch_addresses,
    batches: entry.batches ?? unsaidOfAgents.batches,
  };
}

export function endpointForm(entry: EndpointEntry): EndpointForm {
  const { name, agent = null, raw_model: raw } = entry;
  const served = modalities.filter((modality) => raw?.modalities?.includes(modality));
  return {
    name,
    agent,
    raw_model: raw === undefined ? null : { connection: raw.connection, model: raw.model, modalities: served },
    default: entry.default,
    limits: endpointLimits.parse(entry.limits ?? {}),
  };
}

/** @param preset what the entry's preset says; undefined when it names none, or one that is not there. */
export function keyForm(entry: KeyEntry, preset: PresetTerms | undefined): KeyForm {
  return {
    name: entry.name,
    preset: entry.preset ?? null,
    purpose: entry.purpose ?? preset?.purpose ?? null,
    scopes: sortedScopes(entry.scopes ?? preset?.scopes ?? []),
    agents: sorted(entry.agents),
    raw_models: sorted(entry.raw_models),
    datasets: sorted(entry.datasets),
    limits: keyLimits.parse({ ...preset?.limits, ...entry.limits }),
    expires_at: entry.expires_at,
    allowed_ips: sorted(entry.allowed_ips),
    links: linksForm(entry.links),
    prompt_policy: entry.prompt_policy,
    keep_alive: entry.keep_alive,
    websocket: entry.websocket,
    approval: approvalRoutes(entry.approval),
  };
}

/** The terms of a preset: a built-in one's, the file's, or one's that the tenant has. */
export function presetTerms(slug: string, own: readonly PresetForm[]): PresetTerms | undefined {
  const builtIn = builtInPreset(slug);
  if (builtIn !== undefined) return { ...builtIn, limits: keyLimits.parse({}) };
  return own.find((preset) => preset.slug === slug);
}

export function linksForm(
  links: { readonly inference: string; readonly upload?: string | null | undefined } | null | undefined,
): KeyForm['links'] {
  return links == null ? null : { inference: links.inference, upload: links.upload ?? null };
}
