import { approvalObject } from '../../contracts/approvals.js';
import { harborManifest } from '../../contracts/harbor.js';
import { ownKeyObject } from '../../contracts/keys.js';
import { noQuery } from '../../contracts/lists.js';
import { listUsageQuery, usageList } from '../../contracts/usage.js';
import type { RouteRow } from '../route-row.js';

/** The key itself: usage, approvals and the Harbor manifest: rows of the route table. */
export const accountRoutes = {
  'harbor.manifest': {
    method: 'GET',
    path: '/harbor/manifest',
    group: 'harbor',
    scopes: 'any',
    verdict: 'gt_extension',
    access: 'R',
    body: 'none',
    query: noQuery,
    response: harborManifest,
    summary: 'Get the Harbor manifest for the key',
    harbor: { leftOut: 'it describes the others' },
  },
  'approvals.get': {
    method: 'GET',
    path: '/approvals/{approval_id}',
    group: 'approvals',
    scopes: 'any',
    verdict: 'gt_extension',
    access: 'R',
    body: 'none',
    query: noQuery,
    response: approvalObject,
    summary: 'Get an approval of the key',
    harbor: { action: 'get-approval' },
  },
  'approvals.result': {
    method: 'GET',
    path: '/approvals/{approval_id}/result',
    group: 'approvals',
    scopes: 'any',
    verdict: 'gt_extension',
    access: 'R',
    body: 'none',
    query: noQuery,
    replies: 'bytes',
    errors: ['approval_pending', 'approval_rejected', 'approval_expired'],
    summary: 'Get the result of an approved call: status, type and bytes as the call was answered',
    harbor: { action: 'get-approval-result' },
  },
  'key.get': {
    method: 'GET',
    path: '/key',
    group: 'account',
    scopes: 'any',
    verdict: 'gt_extension',
    access: 'R',
    body: 'none',
    response: ownKeyObject,
    summary: 'Get the key itself',
    harbor: { action: 'get-key' },
  },
  'usage.list': {
    method: 'GET',
    path: '/usage',
    group: 'account',
    scopes: ['usage:read'],
    verdict: 'gt_extension',
    access: 'R',
    body: 'none',
    query: listUsageQuery,
    response: usageList,
    summary: 'List the usage of the key',
    harbor: { action: 'list-usage' },
  },
} as const satisfies Record<string, RouteRow>;
