import { z } from 'zod';
import { adminListQuery } from './lists.js';

export const listSessionsQuery = adminListQuery
  .extend({
    member: z
      .string()
      .max(128)
      .optional()
      .describe('Only sessions of the member with this id. Default: all of the tenant for owners and operators, else the own.'),
  })
  .describe('Which sessions a list shows.');

export type ListSessionsQuery = z.infer<typeof listSessionsQuery>;
