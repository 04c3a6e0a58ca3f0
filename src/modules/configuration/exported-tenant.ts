import { isDeepStrictEqual } from 'node:util';
import { agentSpec, unsaidOfAgents } from '../../contracts/agent-spec.js';
import { connectionHabits } from '../../contracts/connection-habits.js';
import { connectionLimits } from '../../contracts/connection-limits.js';
import { loginSettings } from '../../contracts/connection-logins.js';
import { defaultDroppedFields } from '../../contracts/connections.js';
import { saidPlace } from '../../contracts/wires.js';
import { keyLimits, type KeyLimits } from '../../contracts/key-limits.js';
import type { ExportObject } from '../../contracts/platform-file.js';
import { presetTerms, sorted, sortedScopes } from './file-forms.js';
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
  TenantState,
} from './forms.js';
import type { UpdateTenantRequest } from '../../contracts/tenants.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * A tenant as an entry of the file that makes it, without secrets: applied to the same tenant it changes nothing. What
 * is a default is left out; of the tenant itself nothing is, since there an absent field means "as it is". Revoked keys
 * are left out with their budgets: nothing brings them back.
 */
export function exportedTenant(
  slug: string,
  settings: Required<UpdateTenantRequest>,
  state: TenantState,
): ExportObject['tenants'][number] {
  const presets = state.presets.map(({ form }) => form);
  const budgets = state.budgets.filter(({ isOfRevokedKey }) => !isOfRevokedKey);
  return {
    slug,
    ...settings,
    limits: setLimits(settings.limits),
    ceiling: setLimits(settings.ceiling),
    connections: state.connections.map(({ form }) => connectionEntry(form)),
    ...(state.prices.length === 0 ? {} : { prices: state.prices.map(({ form }) => tenantPriceEntry(form)) }),
    datasets: state.datasets.map(({ form }) => datasetEntry(form)),
    presets: presets.map(presetEntry),
    agents: state.agents.map(({ form }) => agentEntry(form)),
    endpoints: state.endpoints.map(({ form }) => endpointEntry(form)),
    keys: state.keys.filter((key) => key.state !== 'revoked').map((key) => keyEntry(key.form, key.state, presets)),
    ...(budgets.length === 0 ? {} : { budgets: budgets.map(({ form }) => budgetEntry(form)) }),
  };
}

function connectionEntry({ name, base_url, wire, auth, habits, limits, ...options }: ConnectionForm): Fields {
  const signsIn = signsInBy(wire, auth);
  return {
    name,
    base_url,
    wire,
    auth: signsIn,
    ...without(
      {
        ...options,
        habits: without(habits, connectionHabits.parse({})),
        limits: without(limits, connectionLimits.parse({})),
      },
      {
        paths: {},
        api_version: null,
        dropped_fields: sorted(defaultDroppedFields),
        embedding_batch_size: null,
        habits: {},
        headers: [],
        limits: {},
        proxy: null,
        ca: null,
        fine_tuning: 'off',
        publish_fine_tuned: false,
      },
    ),
  };
}

function signsInBy(wire: string, auth: ConnectionForm['auth']): Fields {
  if (auth.mode === 'none') return auth;
  if (auth.mode === 'header_token') return { mode: auth.mode, ...saidPlace(wire, auth) };
  const { mode, header, prefix, ...settings } = auth;
  const { client_id: clientId } = settings;
  const said = without(settings, loginSettings.omit({ client_id: true }).parse({}));
  return { mode, client_id: clientId, ...said, ...saidPlace('openai', { header, prefix }) };
}

function datasetEntry({ alias, embedding, ...settings }: DatasetForm): Fields {
  const defaults = { name: '', chunk_tokens: 512, overlap_tokens: 64, hidden_sheets: false, ocr_languages: [] };
  return { alias, embedding, ...without(settings, defaults) };
}

function tenantPriceEntry({ connection, model, ...terms }: TenantPriceForm): Fields {
  const usual = { valid_from: null, currency: terms.amounts === null ? null : 'USD', amounts: null, markup_per_mille: null };
  return { connection, model, ...without(terms, usual) };
}

function budgetEntry({ window, amount, ...budget }: BudgetForm): Fields {
  const usual = { key: null, endpoint: null, currency: 'USD', soft_percent: null, hard: true, unpriced: 'refuse' };
  return { ...without(budget, usual), window, amount };
}

/** A provider's price as an entry of the file. */
export function priceEntry({ provider, model, ...terms }: PriceForm): NonNullable<ExportObject['prices']>[number] {
  return { provider, model, ...without(terms, { valid_from: null, currency: 'USD' }) };
}

function presetEntry({ limits, ...preset }: PresetForm): Fields {
  return without({ ...preset, limits: setLimits(limits) }, { name: preset.slug, limits: {}, links: null });
}

function agentEntry({ name, models, ...spec }: AgentForm): Fields {
  const { models: _models, ...defaults } = agentSpec.parse({ models });
  return { name, models, ...without(spec, { ...defaults, ...unsaidOfAgents }) };
}

function endpointEntry({ name, agent, raw_model: raw, default: isDefault, limits }: EndpointForm): Fields {
  const model = raw === null ? null : without(raw, { modalities: [] });
  return without(
    { name, agent, raw_model: model, default: isDefault, limits: setLimits(limits) },
    { agent: null, raw_model: null, default: false, limits: {} },
  );
}

function keyEntry({ purpose, scopes, limits, ...key }: KeyForm, state: string, presets: readonly PresetForm[]): Fields {
  const preset = key.preset === null ? undefined : presetTerms(key.preset, presets);
  const own = { purpose, scopes, limits: differingLimits(limits, preset?.limits), state };
  return {
    ...without(key, {
      preset: null,
      agents: [],
      raw_models: [],
      datasets: [],
      expires_at: null,
      allowed_ips: [],
      links: null,
      prompt_policy: null,
      keep_alive: 'comment',
      websocket: true,
      approval: [],
    }),
    ...without(own, {
      purpose: preset?.purpose,
      scopes: preset === undefined ? undefined : sortedScopes(preset.scopes),
      limits: {},
      state: 'active',
    }),
  };
}

/** The fields that are not as the defaults say. */
function without(fields: Fields, defaults: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => !Object.hasOwn(defaults, name) || !isDeepStrictEqual(value, defaults[name])),
  );
}

function setLimits(limits: Fields): Fields {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== null));
}

function differingLimits(limits: KeyLimits, base: KeyLimits | undefined): Fields {
  return without(limits, base ?? keyLimits.parse({}));
}
