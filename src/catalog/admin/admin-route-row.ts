import type { ZodType } from 'zod';
import type { ErrorCode } from '../../kernel/error-codes.js';
import type { Method } from '../route-row.js';
import type { AdminRole } from './roles.js';

/** One route of the admin plane, below `/api/admin/v1`. */
export interface AdminRouteRow {
  readonly method: Method;
  readonly path: `/${string}`;
  /** The weakest role that may call it; `anyone`: who calls it has no credential yet, and what it is given decides. */
  readonly role: AdminRole | 'anyone';
  /** `tenant`: acts in one tenant, which an operator names. `platform`: over tenants. */
  readonly plane: 'tenant' | 'platform';
  /** What the route reads of a body: everything else is refused by its type, before it is read. `none`: needs none, and takes JSON where `request` says which. */
  readonly body: 'none' | 'json' | 'multipart';
  /** Query parameters, body and reply, as far as the route has them. */
  readonly query?: ZodType;
  readonly request?: ZodType;
  /** The file of a form. */
  readonly upload?: { readonly field: 'file'; readonly description: string };
  readonly response?: ZodType;
  /** The reply is a file of this media type. */
  readonly file?: { readonly type: string; readonly description: string };
  /** Events by their names, for a client that accepts `text/event-stream` in place of the reply; the last one is the answer. Without a reply: for every client, until it leaves. */
  readonly events?: Readonly<Record<string, ZodType>>;
  /** What the route answers beyond what its plane, its parameters and its body tell. */
  readonly errors?: readonly ErrorCode[];
  /** 202: the work goes on behind the answer, whose `location` says where it is asked for. */
  readonly status: 200 | 201 | 202;
  readonly summary: string;
}
