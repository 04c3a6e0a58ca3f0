import { z } from 'zod';
import { headerName, tokenPrefix, visible } from './header-fields.js';
import { tenantHint } from './lists.js';

/** How a connection comes by its tokens. */
export const loginGrants = ['authorization_code', 'device_code', 'client_credentials'] as const;

const address = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(2048);
const word = z.string().min(1).max(1024).regex(visible, 'must hold visible ASCII characters only');
const parameterName = z.string().regex(/^[\x21-\x7e]{1,100}$/, 'must hold visible ASCII characters only');

/** What a login itself decides: nobody else may set it. */
const ownParameters = new Set([
  'client_id',
  'client_secret',
  'code',
  'code_challenge',
  'code_challenge_method',
  'code_verifier',
  'device_code',
  'grant_type',
  'redirect_uri',
  'refresh_token',
  'response_type',
  'scope',
  'state',
]);

const fields = {
  grant: z
    .enum(loginGrants)
    .describe('How tokens are got: a person signs in with a browser, with a code on another device, or nobody has to.'),
  issuer: address.describe(
    'The issuer, whose addresses are looked up when somebody logs in. Without token_endpoint it is required.',
  ),
  authorization_endpoint: address.describe('Where a person signs in.'),
  token_endpoint: address.describe('Where tokens are given.'),
  device_authorization_endpoint: address.describe('Where a code for another device is given.'),
  client_id: word.describe("The client's id at the provider."),
  client_auth: z.enum(['post', 'basic']).describe('Where the client secret stands: in the form, or in the authorization header.'),
  scopes: z.array(word).max(100).describe('The scopes that are asked for.'),
  audience: word.describe('For whom the tokens are to be, where the provider wants that said.'),
  parameters: z
    .record(parameterName, z.string().max(2048))
    .refine((given) => Object.keys(given).length <= 50, 'must have at most 50 members')
    .refine((given) => Object.keys(given).every((name) => !ownParameters.has(name)), 'sets what the login itself decides')
    .describe('Further parameters of the request that begins a login, and of that for client credentials.'),
  redirect_uri: address.describe(
    'Where the browser is sent at the end, where the client was registered with one address. By default the one of who logs in.',
  ),
};

/** `auth` of mode `oauth`, as it is given. In an update, what is left out stays as it is, and null takes it away. */
export const oauthAuth = z.strictObject({
  mode: z.literal('oauth').describe('Tokens of an OAuth server, renewed by the platform.'),
  grant: fields.grant.optional(),
  issuer: fields.issuer.nullish(),
  authorization_endpoint: fields.authorization_endpoint.nullish(),
  token_endpoint: fields.token_endpoint.nullish(),
  device_authorization_endpoint: fields.device_authorization_endpoint.nullish(),
  client_id: fields.client_id.optional(),
  client_secret: z
    .string()
    .min(1)
    .max(8192)
    .regex(visible, 'must hold visible ASCII characters only')
    .nullish()
    .describe("The client's secret. It is never shown again; in an update, absent keeps the stored one."),
  client_auth: fields.client_auth.optional(),
  scopes: fields.scopes.optional(),
  audience: fields.audience.nullish(),
  parameters: fields.parameters.optional(),
  redirect_uri: fields.redirect_uri.nullish(),
  header: headerName.optional().describe('The header that carries the access token; by default authorization.'),
  prefix: tokenPrefix.optional().describe('What stands before it; by default Bearer.'),
});

export type OauthAuth = z.infer<typeof oauthAuth>;

/** What of a login's settings is stored, and shown. */
export const loginSettings = z.object({
  grant: fields.grant.default('authorization_code'),
  issuer: fields.issuer.nullable().default(null),
  authorization_endpoint: fields.authorization_endpoint.nullable().default(null),
  token_endpoint: fields.token_endpoint.nullable().default(null),
  device_authorization_endpoint: fields.device_authorization_endpoint.nullable().default(null),
  client_id: fields.client_id,
  client_auth: fields.client_auth.default('post'),
  scopes: fields.scopes.default([]),
  audience: fields.audience.nullable().default(null),
  parameters: fields.parameters.default({}),
  redirect_uri: fields.redirect_uri.nullable().default(null),
});

export type LoginSettings = z.infer<typeof loginSettings>;

const moment = z.number().int().nullable();

/** How `auth` of mode `oauth` is shown. */
export const shownOauth = loginSettings.extend({
  mode: z.literal('oauth'),
  header: z.string(),
  prefix: z.string(),
  secret_set: z.boolean().describe('Whether a client secret is stored.'),
  login: z
    .object({
      state: z
        .enum(['out', 'in', 'lost'])
        .describe('out: somebody must log in; in: calls sign in; lost: the provider has ended the login.'),
      obtained_at: moment.describe('When the tokens were got, in Unix seconds.'),
      expires_at: moment.describe('When the access token ends; null: not known, or there is none.'),
      refresh_expires_at: moment.describe('When the tokens can be renewed no more; null: not known.'),
      failure: z.string().nullable().describe('Why the last renewal failed, as a short code; null when it did not.'),
    })
    .describe('How the login stands.'),
});

export const beginLoginRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    redirect_uri: address
      .optional()
      .describe('Where the browser is sent at the end: an http address of the own machine. For authorization_code.'),
  })
  .describe('A login that begins.')
  .meta({ examples: [{ redirect_uri: 'http://127.0.0.1:49152/callback' }] });

export type BeginLoginRequest = z.infer<typeof beginLoginRequest>;

export const completeLoginRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    attempt: word.describe('What the beginning answered as attempt.'),
    callback_url: z
      .string()
      .max(16_384)
      .optional()
      .describe('The whole address to which the browser was sent at the end. For authorization_code.'),
  })
  .describe('What completes a login, or asks how far it is.')
  .meta({ examples: [{ attempt: 'a8Kd2', callback_url: 'http://127.0.0.1:49152/callback?code=c0de&state=5tate' }] });

export type CompleteLoginRequest = z.infer<typeof completeLoginRequest>;

/** A login on its way, or at its end. */
export const connectionLoginObject = z
  .object({
    object: z.literal('connection_login'),
    connection: z.string(),
    status: z.enum(['pending', 'complete']),
    grant: fields.grant,
    attempt: z.string().nullable().describe('Names this login when it is completed; it is good once, by whoever began it.'),
    authorization_url: z.string().nullable().describe('The address to open in a browser.'),
    redirect_uri: z.string().nullable().describe('Where the browser is sent at the end.'),
    user_code: z.string().nullable().describe('The code to type on the other device.'),
    verification_uri: z.string().nullable().describe('The address at which the code is typed.'),
    verification_uri_complete: z.string().nullable().describe('The same with the code in it.'),
    interval: z.number().int().nullable().describe('How many seconds to wait before asking again.'),
    expires_at: moment.describe('Until when it must be completed, in Unix seconds.'),
  })
  .meta({ id: 'ConnectionLogin', description: 'A login on its way, or at its end.' });

export type ConnectionLoginObject = z.infer<typeof connectionLoginObject>;
