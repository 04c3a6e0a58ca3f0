import type { AdminRouteRow } from '../../../src/catalog/admin/admin-route-row.js';
import type { AdminRole } from '../../../src/catalog/admin/roles.js';
import type { AdminRouteId } from '../../../src/catalog/admin-routes.js';
import type { RouteRow } from '../../../src/catalog/route-row.js';
import type { ConnectionWire } from '../../../src/contracts/wires.js';
import type { WebhookEvent } from '../../../src/contracts/webhooks.js';
import type { Modality, Purpose, Scope } from '../../../src/contracts/scopes.js';

// What `virtual:facts` has: the build reads it out of the platform's own tables (facts.mjs).

export declare const admin: Readonly<Record<AdminRouteId, Pick<AdminRouteRow, 'method' | 'path' | 'role' | 'plane'>>>;
/** The routes of the data plane. */
export declare const routes: readonly (Pick<RouteRow, 'method' | 'path' | 'group' | 'scopes' | 'access' | 'summary'> & {
  readonly id: string;
})[];
export declare const scopes: readonly Scope[];
export declare const purposes: readonly Purpose[];
/** What an endpoint can serve, and the scope that a key needs to use it so. */
export declare const modalityScopes: Readonly<Record<Modality, Scope>>;
/** What keys of a purpose may hold themselves, and what of it a conversation key takes from one that it links. */
export declare const rights: Readonly<Record<Purpose, { readonly own: readonly Scope[]; readonly passedOn: readonly Scope[] }>>;
/** What connections speak. */
export declare const wires: readonly ConnectionWire[];
/** The weakest first. */
export declare const adminRoles: readonly AdminRole[];
/** What a webhook can be told of. */
export declare const webhookEvents: readonly WebhookEvent[];
