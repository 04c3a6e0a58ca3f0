import type { ZodType } from 'zod';
import type { ErrorCode } from '../kernel/error-codes.js';
import type { Modality, Scope } from '../contracts/scopes.js';

/** Groups that a tenant may switch off as a whole (contract section 3, names in brackets). */
export const routeGroups = [
  'models',
  'chat',
  'responses',
  'embeddings',
  'moderations',
  'images',
  'audio',
  'conversations',
  'datasets',
  'files',
  'uploads',
  'batches',
  'vector_stores',
  'fine_tuning',
  'harbor',
  'approvals',
  'account',
] as const;

export type RouteGroup = (typeof routeGroups)[number];

/** What a tenant may switch off: groups of routes, and the WebSocket of Responses by itself. */
export const routeSwitches = [...routeGroups, 'websocket'] as const;

export type RouteSwitch = (typeof routeSwitches)[number];

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One public route of the tenant data plane. */
export interface RouteRow {
  readonly method: Method;
  /** Below `/api/tenant/v1`, parameters in braces as in OpenAI's description. `{model}` may hold slashes. */
  readonly path: `/${string}`;
  readonly group: RouteGroup;
  /** `any`: every live key. A list: one of them suffices. */
  readonly scopes: 'any' | readonly Scope[];
  readonly verdict: 'native' | 'gt_extension';
  /** The reply of a native route has members that OpenAI's has not. */
  readonly superset?: true;
  /** R: reads, runs without asking in Harbor. X: executes or changes, approval on. */
  readonly access: 'R' | 'X';
  /** What a call must bring. With `none`, a body that is JSON is taken where `request` says which. */
  readonly body: 'none' | 'json' | 'multipart';
  /** What an endpoint must serve to be named in this route's `model`. */
  readonly modality?: Modality;
  /** Query parameters, where the route has any. */
  readonly query?: ZodType;
  /** What the handler parses the body by; of a form, the fields beside its file. */
  readonly request?: ZodType;
  /** The file of a form that the platform keeps itself. */
  readonly upload?: { readonly field: 'file' | 'data'; readonly description: string };
  /** The reply in JSON. Replies that come from providers are described in `shapes/`. */
  readonly response?: ZodType;
  /** The reply is bytes of a type of their own; without it, JSON. */
  readonly replies?: 'bytes';
  /** The reply can be plain text too, where the request asks for a form that is no JSON. */
  readonly textToo?: true;
  /** The route is a WebSocket. Tenants and keys can have it switched off, without the rest of its group. */
  readonly isSocket?: true;
  /** What the route answers beyond what its kind, its parameters and its body tell. */
  readonly errors?: readonly ErrorCode[];
  /** OpenAPI summary; ends without a full stop. */
  readonly summary: string;
  /** The Harbor action's slug or why there is none. */
  readonly harbor: { readonly action: string } | { readonly leftOut: string };
}
