import type { FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.js';

const form = /^[A-Za-z0-9_-]{1,128}$/;

/** A parameter of the path, e.g. `id`. What cannot be an id of ours is answered like an id that is absent. */
export function pathParameter(request: FastifyRequest, name: string): string {
  const value = (request.params as Readonly<Record<string, string | undefined>>)[name];
  if (value === undefined || !form.test(value)) throw new AppError('not_found');
  return value;
}
