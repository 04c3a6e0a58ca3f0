import type { AgentSpec } from '../../contracts/agent-spec.js';
import type { BudgetObject, BudgetWindow } from '../../contracts/budgets.js';
import type { ConnectionHabits } from '../../contracts/connection-habits.js';
import type { ConnectionLimits } from '../../contracts/connection-limits.js';
import type { LoginSettings } from '../../contracts/connection-logins.js';
import type { TuningSettings } from '../../contracts/connection-tuning.js';
import type { ConnectionOptions } from '../../contracts/connections.js';
import type { ConnectionWire } from '../../contracts/wires.js';
import type { keepAliveStyles } from '../../contracts/keys.js';
import type { EndpointLimits, KeyLimits } from '../../contracts/key-limits.js';
import type { PriceAmounts } from '../../contracts/price-amounts.js';
import type { PromptPolicy } from '../../contracts/prompt-policy.js';
import type { ProviderId } from '../../contracts/providers.js';
import type { Modality, Purpose, Scope } from '../../contracts/scopes.js';
import type { ProxyLogin } from '../connections/planned-way.js';

/**
 * Each kind of object in one form, in which a file's entry and a stored row are compared: nothing is left out, lists
 * that are sets are sorted. What differs here is what an apply changes.
 */
export interface ConnectionForm {
  readonly name: string;
  readonly base_url: string;
  readonly wire: ConnectionWire;
  /** Without the token, which is compared apart and only where one was given. */
  readonly auth:
    | { readonly mode: 'none' }
    | { readonly mode: 'header_token'; readonly header: string; readonly prefix: string }
    | (LoginSettings & { readonly mode: 'oauth'; readonly header: string; readonly prefix: string });
  readonly paths: ConnectionOptions['paths'];
  readonly api_version: string | null;
  readonly dropped_fields: readonly string[];
  readonly habits: ConnectionHabits;
  /** The names, sorted; the values are compared apart and only where they were given. */
  readonly headers: readonly string[];
  readonly limits: ConnectionLimits;
  readonly embedding_batch_size: number | null;
  /** Without its name and password, which are compared apart. Undefined in a file: it stays as it is. */
  readonly proxy: { readonly url: string } | null | undefined;
  readonly ca: string | null;
  readonly fine_tuning: TuningSettings['fineTuning'];
  readonly publish_fine_tuned: boolean;
}

export interface DatasetForm {
  readonly alias: string;
  readonly name: string;
  readonly embedding: { readonly connection: string; readonly model: string };
  readonly chunk_tokens: number;
  readonly overlap_tokens: number;
  readonly hidden_sheets: boolean;
  readonly ocr_languages: string[];
}

export interface PriceForm {
  readonly provider: ProviderId;
  readonly model: string;
  /** Unix seconds; null: since ever. */
  readonly valid_from: number | null;
  readonly currency: string;
  readonly amounts: PriceAmounts;
}

export interface TenantPriceForm {
  readonly connection: string;
  readonly model: string;
  readonly valid_from: number | null;
  /** Null without amounts. */
  readonly currency: string | null;
  readonly amounts: PriceAmounts | null;
  readonly markup_per_mille: number | null;
}

export interface PresetForm {
  readonly slug: string;
  readonly name: string;
  readonly purpose: Purpose;
  readonly scopes: readonly Scope[];
  readonly limits: KeyLimits;
  readonly links: { readonly inference: string; readonly upload: string | null } | null;
}

export type AgentForm = AgentSpec & { readonly name: string };

export interface EndpointForm {
  readonly name: string;
  readonly agent: string | null;
  /** No modalities: all of them. */
  readonly raw_model: { readonly connection: string; readonly model: string; readonly modalities: readonly Modality[] } | null;
  readonly default: boolean;
  readonly limits: EndpointLimits;
}

export interface KeyForm {
  readonly name: string;
  readonly preset: string | null;
  readonly purpose: Purpose | null;
  readonly scopes: readonly Scope[];
  readonly agents: readonly string[];
  readonly raw_models: readonly string[];
  readonly datasets: readonly string[];
  readonly limits: KeyLimits;
  /** Unix seconds. */
  readonly expires_at: number | null;
  readonly allowed_ips: readonly string[];
  /** Names of keys. */
  readonly links: { readonly inference: string; readonly upload: string | null } | null;
  readonly prompt_policy: PromptPolicy | null;
  readonly keep_alive: (typeof keepAliveStyles)[number];
  readonly websocket: boolean;
  /** Ids of routes, or `*`. */
  readonly approval: readonly string[];
}

export interface BudgetForm {
  /** Whose calls count, by its name; both null: all of the tenant's. */
  readonly key: string | null;
  readonly endpoint: string | null;
  readonly window: BudgetWindow;
  /** Null: tokens are counted. */
  readonly currency: string | null;
  readonly amount: number;
  readonly soft_percent: number | null;
  readonly hard: boolean;
  readonly unpriced: BudgetObject['unpriced'];
}

/** An object that the tenant has. */
export interface Stored<Form> {
  readonly id: string;
  readonly form: Form;
}

/** A connection that the tenant has; its secrets can be compared, not read. */
export interface StoredConnection extends Stored<ConnectionForm> {
  readonly hasToken: (token: string) => boolean;
  /** @param tokens the tokens besides the first, in their order. */
  readonly hasFurtherTokens: (tokens: readonly string[]) => boolean;
  /** @param headers by names in lower case. */
  readonly hasHeaders: (headers: ReadonlyMap<string, string>) => boolean;
  /** @param login null for none. */
  readonly hasProxyLogin: (login: ProxyLogin | null) => boolean;
}

/** All that an apply compares of a tenant, read at one moment. */
export interface TenantState {
  readonly connections: readonly StoredConnection[];
  readonly prices: readonly Stored<TenantPriceForm>[];
  readonly datasets: readonly Stored<DatasetForm>[];
  readonly presets: readonly Stored<PresetForm>[];
  readonly agents: readonly Stored<AgentForm>[];
  readonly endpoints: readonly Stored<EndpointForm>[];
  readonly keys: readonly (Stored<KeyForm> & { readonly state: 'active' | 'disabled' | 'revoked' })[];
  /** Without those of fine-tuned models: no file makes them, and none takes them away. */
  readonly budgets: readonly (Stored<BudgetForm> & { readonly isOfRevokedKey: boolean })[];
}
