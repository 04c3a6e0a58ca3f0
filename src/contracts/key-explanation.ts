import { z } from 'zod';
import { isAddress } from './address-text.js';
import { tenantHint } from './lists.js';

/** `POST /keys/{id}/explain`: a call that the key might make. The path is taken in every spelling of the base URL. */
export const explainKeyRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    method: z
      .string()
      .regex(/^[A-Za-z]{3,10}$/, 'must be a method of HTTP')
      .transform((method) => method.toUpperCase())
      .describe('The method, such as POST.'),
    path: z.string().min(1).max(2048).describe('The path, in any spelling of the base URL.'),
    model: z.string().min(1).max(256).optional().describe('The model that the call names.'),
    dataset: z.string().min(1).max(128).optional().describe('The dataset of the call, by alias or id.'),
    ip: z.string().refine(isAddress, 'must be an IP address').optional().describe('The address that the call comes from.'),
  })
  .describe('A call that the key might make.')
  .meta({ examples: [{ method: 'POST', path: '/chat/completions', model: 'support' }] });

/** The answer to `explain` (contract section 10). */
export const explanationObject = z
  .object({
    allowed: z.boolean(),
    held: z.boolean().describe('Whether the call would be held until it is approved; it is not allowed before.'),
    status: z.number().int().describe('The status that the call would get.'),
    code: z.string().nullable().describe('The error code; null when the call is allowed.'),
    steps: z.array(z.object({ check: z.string(), ok: z.boolean(), detail: z.string() })),
  })
  .describe('Whether a call would be allowed, and every check on the way.');
