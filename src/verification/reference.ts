import { z } from 'zod';
import { isScope, modalities, type Modality, type Scope } from '../contracts/scopes.js';
import type { RouteId } from '../catalog/routes.js';
import { routeRow } from '../catalog/routes.js';
import type { CallBudget } from './call-budget.js';
import { documentedUrl } from './documented-form.js';
import { exchange, jsonOf, type Exchange } from './exchange.js';

/** A name that a key may use. */
export interface ListedModel {
  readonly id: string;
  readonly isDefault: boolean;
  readonly isAlias: boolean;
  readonly modalities: readonly Modality[];
}

/** A key as it sees itself. */
export interface SeenKey {
  readonly name: string;
  readonly preset: string | null;
  readonly scopes: ReadonlySet<Scope>;
  readonly models: readonly string[];
}

const timeoutMs = 60_000;

const ownKey = z.object({
  name: z.string(),
  preset: z.string().nullable(),
  effective_scopes: z.array(z.string()),
  models: z.array(z.string()),
});

const modelList = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      gt: z.object({ kind: z.string(), default: z.boolean(), modalities: z.array(z.string()) }).optional(),
    }),
  ),
});

/**
 * Calls the platform as its documents say, with nothing of a client in it: to learn what there is, to tell the fault of a
 * client from one of the key or the platform, and to tidy up.
 */
export class Reference {
  constructor(
    private readonly origin: string,
    readonly key: string,
    private readonly budget: CallBudget,
    private readonly signal?: AbortSignal,
  ) {}

  call(route: RouteId, parameters: Readonly<Record<string, string>> = {}, query = ''): Promise<Exchange> {
    this.budget.take();
    const url = documentedUrl(this.origin, route, parameters) + query;
    const headers = { authorization: `Bearer ${this.key}` };
    return exchange({ method: routeRow(route).method, url, headers, timeoutMs, signal: this.signal });
  }
}

/** The key of an answer to `GET /key`; undefined where it is none. */
export function seenKey(given: Exchange): SeenKey | undefined {
  const { success, data } = ownKey.safeParse(bodyOf(given));
  if (!success) return undefined;
  const { name, preset, effective_scopes, models } = data;
  return { name, preset, models, scopes: new Set(effective_scopes.filter(isScope)) };
}

/** The names of an answer to `GET /models`, the default first, then aliases of agents; undefined where it is none. */
export function listedModels(given: Exchange): ListedModel[] | undefined {
  const { success, data } = modelList.safeParse(bodyOf(given));
  if (!success) return undefined;
  const listed = data.data.map(({ id, gt }) => ({
    id,
    isDefault: gt?.default === true,
    isAlias: gt?.kind === 'agent_alias',
    modalities: modalities.filter((modality) => gt?.modalities.includes(modality) === true),
  }));
  const rank = ({ isDefault, isAlias }: ListedModel): number => (isDefault ? 2 : 0) + (isAlias ? 1 : 0);
  return listed.sort((one, other) => rank(other) - rank(one));
}

function bodyOf(given: Exchange): unknown {
  return given.kind === 'answered' && given.status === 200 ? jsonOf(given) : undefined;
}
