import type { Modality } from '../contracts/scopes.js';
import { errorTable } from '../kernel/error-codes.js';
import { hasApprovals, isHeld, isHeldOnSocket } from './approval.js';
import { judgeBudgets, type CountedCall } from './budget-verdict.js';
import { decideDataset, decideModel, decisionSteps, isListed, type CallFacts, type Refusal } from './decide.js';
import type { EndpointFacts, KeyFacts, TenantFacts } from './facts.js';
import { matchRoute, type RouteMatch } from './match-route.js';
import { resolveSpelling } from './spellings.js';

/** The call that is asked about. */
export interface Question {
  readonly method: string;
  readonly path: string;
  readonly model?: string | undefined;
  readonly dataset?: string | undefined;
  readonly ip?: string | undefined;
}

/** What the answer depends on, as it is now. */
export interface ExplainFacts {
  readonly key: KeyFacts;
  readonly tenant: TenantFacts;
  readonly endpoints: readonly EndpointFacts[];
  readonly datasets: readonly { readonly id: string; readonly alias: string }[];
  /** What budgets say of the call, where a model is asked. */
  readonly counted: CountedCall;
  readonly nowMs: number;
}

/** That a call asks a model, and which one. */
export interface ModelCall<Endpoint> {
  readonly modality: Modality;
  /** Undefined: none is named, or one that is not published. */
  readonly endpoint: Endpoint | undefined;
}

export interface ExplainedStep {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Allowed, or refused with this status and code; the steps up to the first refusal, in the order of the guard. */
export interface Explanation {
  readonly allowed: boolean;
  /** All allows the call, but it waits for an approval. */
  readonly held: boolean;
  readonly status: number;
  readonly code: string | null;
  readonly steps: readonly ExplainedStep[];
}

interface JudgedStep {
  readonly check: string;
  readonly refusal: Refusal | undefined;
  readonly detail: string;
}

type MatchedRow = Extract<RouteMatch, { kind: 'row' }>;

/**
 * May this key make this call, and why? Asks the functions that the guard, the lists and the routes ask, so that it
 * cannot say anything else than they do. Approval comes before budgets, which have the last word. It does not read limits, and not what else the body may hold.
 */
export function explain(question: Question, facts: ExplainFacts): Explanation {
  const match = matchRoute(question.method, question.path);
  if (match.kind !== 'row') return answer([routeStep(question, match)]);
  const call: CallFacts = { ...facts, row: match.row, ip: question.ip, hostTenantId: undefined };
  const steps: JudgedStep[] = [
    routeStep(question, match),
    ...decisionSteps(call).map(({ check, refusal }) => ({
      check,
      refusal,
      detail: refusal?.message ?? detailOf(check, call, refusal !== undefined),
    })),
  ];
  for (const step of [modelStep, datasetStep, approvalStep, budgetStep]) {
    if (steps.every(({ refusal }) => refusal === undefined)) steps.push(...step(question, match, facts));
  }
  return answer(steps);
}

/** Which model a call asks, so that somebody may look up what counts it; undefined: it asks none. */
export function modelCallOf<Endpoint extends EndpointFacts>(
  question: Question,
  endpoints: readonly Endpoint[],
): ModelCall<Endpoint> | undefined {
  const match = matchRoute(question.method, question.path);
  const modality = match.kind === 'row' ? askedModality(match) : undefined;
  if (modality === undefined) return undefined;
  return { modality, endpoint: question.model === undefined ? undefined : meantBy(question.model, endpoints) };
}

function answer(steps: readonly JudgedStep[]): Explanation {
  const refusal = steps.find((step) => step.refusal !== undefined)?.refusal;
  return {
    allowed: refusal === undefined,
    held: refusal?.code === 'approval_required',
    status: refusal === undefined ? 200 : errorTable[refusal.code].status,
    code: refusal?.code ?? null,
    steps: steps.map(({ check, refusal: refused, detail }) => ({ check, ok: refused === undefined, detail })),
  };
}

function routeStep({ method, path }: Question, match: RouteMatch): JudgedStep {
  switch (match.kind) {
    case 'row':
      return { check: 'route', refusal: undefined, detail: `${match.row.method} ${match.row.path} is the route ${match.id}.` };
    case 'wrong_method':
      return {
        check: 'route',
        refusal: { code: 'method_not_allowed' },
        detail: `${path} does not answer to ${method}, only to ${match.methods.join(', ')}.`,
      };
    case 'unknown':
      return { check: 'route', refusal: { code: 'unknown_url' }, detail: `There is no route ${method} ${path}.` };
  }
}

/** A sentence for each check of decide.ts that has none of its own. */
const details: Readonly<Record<string, (call: CallFacts, refused: boolean) => string>> = {
  host: () => 'No host was asked about; one of another tenant would be refused like an unknown key.',
  key: () => 'The key is active and has not expired.',
  tenant: ({ tenant }) => `The tenant ${tenant.slug} is ${tenant.state}.`,
  ip: ({ key, ip }, refused) => {
    if (key.allowedRanges.length === 0) return 'The key may be used from every address.';
    if (ip === undefined) return 'The key may be used from some addresses only, and no address was asked about.';
    return refused ? `The key may not be used from ${ip}.` : `The key may be used from ${ip}.`;
  },
  suspension: ({ tenant }) => `The tenant ${tenant.slug} is ${tenant.state}.`,
  route_group: ({ row, tenant }, refused) => {
    if (!refused) return `The route group ${row.group} is on.`;
    return tenant.apiEnabled
      ? `The tenant has switched the route group ${row.group} off.`
      : 'The tenant has switched its API off.';
  },
  scope: ({ row, key }) =>
    row.scopes === 'any'
      ? 'Every live key may call this route.'
      : `The key has ${row.scopes.filter((scope) => key.effectiveScopes.has(scope)).join(', ')}.`,
};

function detailOf(check: string, call: CallFacts, refused: boolean): string {
  return details[check]?.(call, refused) ?? (refused ? 'Refused.' : 'Allowed.');
}

/** The name in the path or in the question; a placeholder such as `{model}` names nothing. */
function named(fromPath: string | undefined, asked: string | undefined): string | undefined {
  const inPath = fromPath === undefined || /^\{.*\}$/.test(fromPath) ? undefined : fromPath;
  return inPath ?? asked;
}

function modelStep(question: Question, { row, parameters }: MatchedRow, { key, endpoints }: ExplainFacts): JudgedStep[] {
  const text = named(parameters['model'], question.model);
  if (text === undefined) return [];
  const endpoint = meantBy(text, endpoints);
  const meant = endpoint === undefined || endpoint.name === text ? `\`${text}\`` : `\`${text}\` (that is ${endpoint.name})`;
  const listed = endpoint !== undefined && isListed(key, endpoint);
  if (row.modality === undefined && listed) return [{ check: 'model', refusal: undefined, detail: `The key may use ${meant}.` }];
  const refusal = decideModel(key, endpoint, text, row.modality ?? 'chat');
  return [
    {
      check: 'model',
      refusal,
      detail:
        refusal === undefined
          ? `The key may use ${meant} for ${row.modality ?? 'this'}.`
          : whyNoModel(meant, endpoint, key, refusal),
    },
  ];
}

function meantBy<Endpoint extends EndpointFacts>(text: string, endpoints: readonly Endpoint[]): Endpoint | undefined {
  const spelling = resolveSpelling(text);
  return endpoints.find((known) => (spelling.kind === 'default' ? known.isDefault : known.name === spelling.name));
}

/** Tells an administrator which of the reasons it was that a client sees as one. */
function whyNoModel(meant: string, endpoint: EndpointFacts | undefined, key: KeyFacts, refusal: Refusal): string {
  if (endpoint === undefined) return `${meant} is not published in this tenant.`;
  if (refusal.code === 'unsupported_modality') return `${meant} serves ${[...endpoint.modalities].join(', ') || 'nothing'} only.`;
  const list = endpoint.kind === 'agent_alias' ? 'agents' : 'raw_models';
  const allowed = list === 'agents' ? key.agents : key.rawModels;
  if (allowed !== '*' && !allowed.has(endpoint.name)) return `${meant} is not in the key's allowlist ${list}.`;
  return `The key has no scope for anything that ${meant} serves (${[...endpoint.modalities].join(', ') || 'nothing'}).`;
}

function datasetStep(question: Question, { parameters }: MatchedRow, { key, datasets }: ExplainFacts): JudgedStep[] {
  const text = named(parameters['dataset_id'], question.dataset);
  if (text === undefined) return [];
  const dataset = datasets.find((known) => known.id === text) ?? datasets.find((known) => known.alias === text);
  const refusal = decideDataset(key, dataset ?? { id: text, alias: text });
  if (refusal !== undefined)
    return [{ check: 'dataset', refusal, detail: `The dataset \`${text}\` is not in the key's allowlist datasets.` }];
  if (dataset === undefined)
    return [{ check: 'dataset', refusal: { code: 'not_found' }, detail: `The tenant has no dataset \`${text}\`.` }];
  return [{ check: 'dataset', refusal: undefined, detail: `The key may use the dataset \`${text}\`.` }];
}

/** What a route asks of a provider. The tokens of a request are counted here, for no money. */
function askedModality({ id, row }: MatchedRow): Modality | undefined {
  return id === 'responses.input_tokens' ? undefined : row.modality;
}

/** Only where a key or a tenant puts anything under approval. */
function approvalStep(_question: Question, { id, row }: MatchedRow, { key }: ExplainFacts): JudgedStep[] {
  if (!hasApprovals(key)) return [];
  const held = row.isSocket === true ? isHeldOnSocket(key) : isHeld(key, id);
  return [
    held
      ? {
          check: 'approval',
          refusal: { code: 'approval_required' },
          detail: `Calls of ${id} are held until an owner or manager approves them.`,
        }
      : { check: 'approval', refusal: undefined, detail: `Calls of ${id} need no approval.` },
  ];
}

function budgetStep(_question: Question, match: MatchedRow, { counted }: ExplainFacts): JudgedStep[] {
  return askedModality(match) === undefined ? [] : [{ check: 'budget', ...judgeBudgets(counted) }];
}
