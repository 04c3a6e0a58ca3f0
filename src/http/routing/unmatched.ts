import type { FastifyReply, FastifyRequest } from 'fastify';
import { adminRouteIds, adminRouteRow } from '../../catalog/admin-routes.js';
import { routeIds, routeRow } from '../../catalog/routes.js';
import { systemRoute, systemRouteIds } from '../../catalog/system-routes.js';
import { AppError } from '../../kernel/app-error.js';
import { replyError } from '../reply/error-reply.js';
import { adminBase, tenantBase } from './gt-route.decorator.js';
import { unknownUrl } from './unknown-url.js';

interface KnownPath {
  readonly pattern: RegExp;
  readonly method: string;
}

const knownPaths: readonly KnownPath[] = [
  ...routeIds.map((id) => known(tenantBase, routeRow(id))),
  ...adminRouteIds.map((id) => known(adminBase, adminRouteRow(id))),
  // Where there are no metrics to be had, or nobody may report, their paths must not be told.
  ...systemRouteIds
    .filter((id) => id !== 'metrics' && id !== 'leakReports')
    .map((id) => known('', { ...systemRoute(id), method: 'GET' })),
];

function known(base: string, row: { readonly method: string; readonly path: string; readonly isTree?: true }): KnownPath {
  const path = row.path
    .replace(/[.]/g, '\\.')
    .replace(/\{model\}/g, '.+')
    .replace(/\{[a-z_]+\}/g, '[^/]+');
  return { pattern: new RegExp(`^${base}${path}${row.isTree === true ? '(?:/.*)?' : ''}$`), method: row.method };
}

/** Answers what matched no route: 405 when the path answers to other methods, else 404 with the right base URL. */
export function answerUnmatched(request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split('?')[0] ?? request.url;
  const methods = [
    ...new Set(
      knownPaths
        .filter(({ pattern }) => pattern.test(path))
        .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
    ),
  ];
  if (methods.length === 0) {
    replyError(request, reply, unknownUrl(request));
    return;
  }
  replyError(
    request,
    reply,
    new AppError('method_not_allowed', {
      message: `Not allowed to ${request.method} on ${path}. It answers to ${methods.join(', ')}.`,
      headers: { allow: methods.join(', ') },
    }),
  );
}
