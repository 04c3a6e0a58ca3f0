import type { FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.js';

const form = /^[A-Za-z0-9][A-Za-z0-9._/ -]{0,127}$/;

/**
 * The path's `id` where a name will do as well: agents, endpoints, presets and keys have names that are unique in
 * their tenant. A slash in a name is written `%2F`. What can be neither id nor name is answered like an absent one.
 */
export function pathReference(request: FastifyRequest): string {
  const { id } = request.params as { readonly id?: string };
  if (id === undefined || !form.test(id)) throw new AppError('not_found');
  return id;
}
