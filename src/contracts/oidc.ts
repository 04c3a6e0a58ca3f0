import { z } from 'zod';
import { visible } from './header-fields.js';
import { tenantHint } from './lists.js';
import { createdAt } from './times.js';

const word = z.string().min(1).max(1024).regex(visible, 'must hold visible ASCII characters only');

/** `POST /oidc`: makes the tenant's own sign-in, or puts other settings in the place of those before. */
export const setOidcRequest = z
  .strictObject({
    tenant: z.string().min(1).max(128).optional().describe(tenantHint),
    issuer: z
      .url({ protocol: /^https?$/, error: 'must be an https address' })
      .max(2048)
      .describe('The issuer, whose addresses are looked up by OpenID Connect Discovery.'),
    client_id: word.describe('The id that the platform has there.'),
    client_secret: word
      .nullish()
      .describe(
        'Its secret. Stored sealed and never shown. Absent: the stored one stays while issuer and client_id do; null: none.',
      ),
    client_auth: z
      .enum(['basic', 'post'])
      .default('basic')
      .describe('Where the secret stands: in the authorization header, or in the form.'),
    scopes: z.array(word).max(20).default([]).describe('Scopes to ask for beside `openid`.'),
  })
  .describe("A tenant's own sign-in with OpenID Connect.")
  .meta({ examples: [{ issuer: 'https://login.example.com', client_id: 'gt', client_secret: '...' }] });

export type SetOidcRequest = z.infer<typeof setOidcRequest>;

export const oidcObject = z
  .object({
    object: z.literal('oidc'),
    id: z.string(),
    tenant: z.string(),
    issuer: z.string(),
    client_id: z.string(),
    has_client_secret: z.boolean(),
    client_auth: z.enum(['basic', 'post']),
    scopes: z.array(z.string()),
    redirect_uri: z.string().describe('Where browsers come back: register this address at the issuer.'),
    created_at: createdAt,
    updated_at: z.number().int().describe('When it was last changed, in Unix seconds.'),
  })
  .meta({ id: 'Oidc', description: "A tenant's own sign-in with OpenID Connect." });

export type OidcObject = z.infer<typeof oidcObject>;
