import { modalityScopes, rights, type scopes } from 'virtual:facts';
import type { Body, Item, Reply } from '../../api/call.js';

export type Scope = (typeof scopes)[number];
export type Purpose = keyof typeof rights;
export type Preset = Item<'presets.list'>;
export type Endpoint = Item<'endpoints.list'>;
export type Dataset = Item<'datasets.list'>;
export type KeyObject = Reply<'keys.get'>;

export const limitNames = [
  'requests_per_minute',
  'tokens_per_minute',
  'parallel_requests',
  'uploads_per_day',
  'stored_bytes',
] as const;

/** What is filled in for a key, in the forms of the fields. An empty text is nothing. */
export interface KeyDraft {
  name: string;
  scopes: Scope[];
  agents: string[];
  raw_models: string[];
  datasets: string[];
  limits: Record<(typeof limitNames)[number], string>;
  /** As the field of the browser has it, in the reader's own zone. */
  expires: string;
  /** One on each line. */
  addresses: string;
  keep_alive: 'comment' | 'empty-chunk' | 'off';
  websocket: boolean;
  /** One on each line, or *. */
  approval: string;
  instructions: string;
  /** JSON, as the API takes them. */
  guardrails: string;
}

/** What stands for a linked key that is made with this one. */
export const newLink = 'new';

/** What only a new key has. */
export interface NewKeyDraft extends KeyDraft {
  budget: string;
  budget_window: 'day' | 'week' | 'month' | 'total';
  budget_currency: string;
  inference: string;
  upload: string;
}

/** From what a key is made: a preset, or a purpose alone. */
export interface Start {
  readonly preset: Preset | null;
  readonly purpose: Purpose;
  /** The product that it is for, by the id of its runbook. */
  readonly runbook: string | null;
}

export const offeredScopes = ({ preset, purpose }: Start): readonly Scope[] => preset?.scopes ?? rights[purpose].own;

const emptyLimits = Object.fromEntries(limitNames.map((name) => [name, ''])) as KeyDraft['limits'];

/** A key that works when nothing else is said: the narrowest names that serve what its preset is for. */
export function newDraft(
  start: Start,
  name: string,
  endpoints: readonly Endpoint[],
  datasets: readonly Dataset[],
  links: Pick<NewKeyDraft, 'inference' | 'upload'>,
): NewKeyDraft {
  const scopes = [...(start.preset?.scopes ?? [])];
  const isConversation = start.purpose === 'conversation';
  // A key that begins without scopes is most often for chats.
  const called: readonly Scope[] =
    isConversation || (start.purpose === 'inference' && start.preset === null) ? ['inference:chat'] : scopes;
  const uploads = start.purpose === 'upload' || isConversation;
  return {
    name,
    scopes,
    ...defaultModels(called, endpoints),
    datasets: uploads ? datasets.slice(0, 1).map(({ alias }) => alias) : [],
    limits: emptyLimits,
    expires: '',
    addresses: '',
    keep_alive: 'comment',
    websocket: true,
    approval: '',
    instructions: '',
    guardrails: '',
    budget: '',
    budget_window: 'month',
    budget_currency: 'USD',
    ...links,
  };
}

/** The default endpoint, and for what it does not serve the first that does: aliases before raw models. */
export function defaultModels(scopes: readonly Scope[], endpoints: readonly Endpoint[]): Pick<KeyDraft, 'agents' | 'raw_models'> {
  const rank = ({ default: isDefault, kind }: Endpoint) => (isDefault ? 0 : kind === 'agent_alias' ? 1 : 2);
  const ordered = [...endpoints].sort((one, other) => rank(one) - rank(other));
  const chosen = new Set<Endpoint>();
  for (const [modality, scope] of Object.entries(modalityScopes)) {
    if (!scopes.includes(scope)) continue;
    const serving = ordered.filter(({ modalities }) => modalities.some((one) => one === modality));
    const first = serving.find((one) => chosen.has(one)) ?? serving[0];
    if (first !== undefined) chosen.add(first);
  }
  const named = (kind: Endpoint['kind']) => [...chosen].filter((one) => one.kind === kind).map(({ name }) => name);
  return { agents: named('agent_alias'), raw_models: named('raw_model') };
}

/** A key that there is, as it stands in the fields. */
export function draftOf(key: KeyObject): KeyDraft {
  const { name, scopes, agents, raw_models, datasets, limits, expires_at, allowed_ips, keep_alive, websocket, approval } = key;
  const { instructions = '', guardrails } = key.prompt_policy ?? {};
  return {
    ...{ name, scopes, agents, raw_models, datasets, keep_alive, websocket, instructions },
    limits: Object.fromEntries(limitNames.map((limit) => [limit, String(limits[limit] ?? '')])) as KeyDraft['limits'],
    expires: expires_at === null ? '' : localTime(expires_at),
    addresses: allowed_ips.join('\n'),
    approval: approval.join('\n'),
    guardrails: guardrails === undefined ? '' : JSON.stringify(guardrails, null, 2),
  };
}

type Given = Omit<Body<'keys.update'>, 'tenant' | 'links'>;
type KeyFields = { [Name in keyof Given]-?: Exclude<Given[Name], undefined> };

/** What is sent for the fields that keys have when they are made and when they are changed. @throws Error for guardrails that are no JSON. */
export function fieldsOf(draft: KeyDraft): KeyFields {
  const { name, scopes, agents, raw_models, datasets, keep_alive, websocket } = draft;
  const limits = limitNames.map((limit) => [limit, draft.limits[limit] === '' ? null : Number(draft.limits[limit])]);
  return {
    ...{ name, scopes, agents, raw_models, datasets, keep_alive, websocket },
    limits: Object.fromEntries(limits) as Record<(typeof limitNames)[number], number | null>,
    expires_at: draft.expires === '' ? null : Math.floor(new Date(draft.expires).getTime() / 1000),
    allowed_ips: lines(draft.addresses),
    approval: lines(draft.approval),
    prompt_policy: policyOf(draft),
  };
}

function policyOf({ instructions, guardrails }: KeyDraft): NonNullable<Body<'keys.create'>['prompt_policy']> | null {
  if (instructions.trim() === '' && guardrails.trim() === '') return null;
  return {
    ...(instructions.trim() === '' ? {} : { instructions }),
    ...(guardrails.trim() === '' ? {} : { guardrails: JSON.parse(guardrails) as [] }),
  };
}

const lines = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** A time in Unix seconds as a field of the browser has it. */
export function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What a key with these scopes may do: a conversation key has those of the keys that it links, too. */
export function effectiveScopes(
  own: readonly Scope[],
  linked: readonly { purpose: Purpose; scopes: readonly Scope[] }[],
): Scope[] {
  const passed = linked.flatMap(({ purpose, scopes }) => scopes.filter((scope) => rights[purpose].passedOn.includes(scope)));
  return [...new Set([...own, ...passed])];
}
