import { z } from 'zod';
import { pastedLink } from './links.js';
import { memberRoles } from './members.js';
import { timeForms } from './times.js';

/** A new password: long enough that guessing takes for ever, short enough to be hashed. Any characters, as NIST SP 800-63B asks. */
export const newPassword = z
  .string()
  .min(12, 'must have at least 12 characters')
  .max(256)
  .describe('The new password: 12 to 256 characters of any kind.');

/** A password that is to be compared: whatever somebody typed. */
const typedPassword = z.string().min(1).max(256);

const email = z
  .string()
  .max(254)
  .transform((text) => text.trim().toLowerCase());

const code = z
  .string()
  .max(40)
  .transform((text) => text.replace(/[\s-]/g, '').toLowerCase());

const tenant = z
  .string()
  .min(1)
  .max(128)
  .optional()
  .describe("The tenant's slug. On a host of the tenant's own it may be left out.");

export const signInRequest = z
  .strictObject({
    tenant,
    email: email.describe("The member's e-mail address."),
    password: typedPassword.describe("The member's password."),
    code: code
      .optional()
      .describe('The code that the authenticator app shows, or a recovery code. Needed where the member has a second factor.'),
  })
  .describe('A member signs in.')
  .meta({ examples: [{ tenant: 'acme', email: 'ada@example.com', password: 'correct horse battery staple' }] });

export type SignInRequest = z.infer<typeof signInRequest>;

export const changePasswordRequest = z
  .strictObject({
    current_password: typedPassword.describe('The password until now.'),
    new_password: newPassword,
  })
  .describe('A member changes the own password.')
  .meta({ examples: [{ current_password: 'correct horse battery staple', new_password: 'a new one, longer than before' }] });

export type ChangePasswordRequest = z.infer<typeof changePasswordRequest>;

export const sessionMethods = ['password', 'oidc', 'link', 'token'] as const;

const seconds = (text: string) => z.number().int().describe(`${text}, in Unix seconds.`);

/** Who is signed in from where. The secret of a session stands in its cookie alone. */
export const sessionObject = z
  .object({
    object: z.literal('session'),
    id: z.string(),
    kind: z.enum(['member', 'operator']),
    tenant: z.string().nullable().describe("The tenant's slug; null for an operator, who names the tenant in each request."),
    member: z
      .object({ id: z.string(), email: z.string(), name: z.string() })
      .nullable()
      .describe('The member; null for an operator.'),
    role: z.enum([...memberRoles, 'operator']),
    name: z.string().describe('By which the audit names whoever is signed in: the e-mail address, or the name of the token.'),
    method: z.enum(sessionMethods).describe('How it began.'),
    second_factor: z.boolean().describe('Whether a second factor was shown.'),
    address: z.string().describe('The address from which it began.'),
    user_agent: z.string().describe('What the client said it is.'),
    current: z.boolean().describe('Whether it is the one that asks.'),
    created_at: seconds('When it began'),
    last_seen_at: seconds('When it was last used, to within five minutes'),
    idle_ends_at: seconds('When it ends unless it is used before'),
    expires_at: seconds('When it ends at the latest'),
  })
  .meta({ id: 'Session', description: 'Somebody who is signed in.' });

export type SessionObject = z.infer<typeof sessionObject>;

export const sessionsEnded = z
  .object({ object: z.literal('sessions.ended'), ended: z.number().int().describe('How many sessions have ended.') })
  .meta({ id: 'SessionsEnded', description: 'Sessions that have ended.' });

export const memberLinkKinds = ['invitation', 'recovery'] as const;

export const recoverMemberRequest = z
  .strictObject({
    second_factor: z
      .enum(['keep', 'reset'])
      .default('keep')
      .describe('`reset` takes away the second factor too, for somebody who has lost the phone and the recovery codes.'),
  })
  .describe('A link by which a member gets in again.')
  .meta({ examples: [{ second_factor: 'keep' }] });

/** A link that was just made: the only time that it is shown. */
export const memberLinkObject = z
  .object({
    object: z.literal('member_link'),
    id: z.string(),
    kind: z.enum(memberLinkKinds),
    tenant: z.string(),
    member: z.string().describe('The id of the member that it is for.'),
    url: z.string().describe('What the member opens. Its token stands behind the #, which browsers send to nobody.'),
    token: z.string().describe('The token by itself, for `POST /sign-in/link/accept`. It is shown this once.'),
    expires_at: z.number().int().describe('When it ends, in Unix seconds: after 72 hours.'),
  })
  .meta({ id: 'MemberLink', description: 'A link by which a member sets a password. It is good once.' });

export type MemberLinkObject = z.infer<typeof memberLinkObject>;

export const readLinkRequest = z
  .strictObject({ link: pastedLink })
  .describe('Which link is shown.')
  .meta({ examples: [{ link: 'gtln_...' }] });

/** What a link says of itself to whoever has it. */
export const shownLink = z
  .object({
    object: z.literal('member_link.shown'),
    kind: z.enum(memberLinkKinds),
    tenant: z.string(),
    tenant_name: z.string(),
    email: z.string(),
    oidc: z.boolean().describe("Whether the tenant's own sign-in can be used in place of a password."),
    expires_at: z.number().int().describe(`When it ends, in Unix seconds (${timeForms}).`),
  })
  .meta({ id: 'ShownMemberLink', description: 'What a link is for.' });

export const acceptLinkRequest = z
  .strictObject({
    link: pastedLink,
    password: newPassword,
    code: code.optional().describe('The code of the second factor, where the member has one that the link does not take away.'),
  })
  .describe('A link is used: the password is set, and the member signed in.')
  .meta({ examples: [{ link: 'gtln_...', password: 'correct horse battery staple' }] });

export const confirmPasswordRequest = z
  .strictObject({ password: typedPassword.describe('The password, once more.') })
  .describe('What is done needs the password once more.')
  .meta({ examples: [{ password: 'correct horse battery staple' }] });

export type AcceptLinkRequest = z.infer<typeof acceptLinkRequest>;

/** A second factor that is set up and does not count yet. */
export const totpSetup = z
  .object({
    object: z.literal('totp.setup'),
    secret: z.string().describe('The secret in base32, to be typed into an authenticator app.'),
    url: z.string().describe('The same as an `otpauth:` address, to be shown as a QR code.'),
  })
  .meta({ id: 'TotpSetup', description: 'A second factor that counts once a code of it was confirmed.' });

export const confirmTotpRequest = z
  .strictObject({ code: code.describe('The code that the authenticator app shows now.') })
  .describe('A second factor is confirmed.')
  .meta({ examples: [{ code: '492039' }] });

export const secondFactorRequest = z
  .strictObject({
    password: typedPassword.describe('The password, once more.'),
    code: code.describe('The code that the authenticator app shows, or a recovery code.'),
  })
  .describe('What is done needs both factors once more.')
  .meta({ examples: [{ password: 'correct horse battery staple', code: '492039' }] });

export const recoveryCodesObject = z
  .object({
    object: z.literal('recovery_codes'),
    codes: z.array(z.string()).describe('Each is good once, in place of a code of the app. They are shown this once.'),
  })
  .meta({ id: 'RecoveryCodes', description: 'Codes for somebody who has lost the phone.' });

/** A browser on its way to the tenant's own sign-in. */
export const oidcSignInRequest = z
  .strictObject({
    tenant,
    link: pastedLink
      .optional()
      .describe('A link of a member who has not come in this way before: it binds the account to the member.'),
  })
  .describe("Somebody begins to sign in at the tenant's own sign-in.")
  .meta({ examples: [{ tenant: 'acme' }] });

export const oidcSignIn = z
  .object({
    object: z.literal('oidc.sign_in'),
    authorization_url: z.string().describe('Where the browser goes. It comes back to the redirect_uri of the settings.'),
    expires_in: z.number().int().describe('How long that may take, in seconds.'),
  })
  .meta({ id: 'OidcSignIn', description: "A browser on its way to the tenant's own sign-in." });

export const completeOidcRequest = z
  .strictObject({
    callback_url: z
      .url({ protocol: /^https?$/ })
      .max(8_000)
      .describe('The whole address to which the browser was sent back, with its code and state.'),
  })
  .describe("Somebody has come back from the tenant's own sign-in.")
  .meta({ examples: [{ callback_url: 'https://gt.example.com/console/sign-in?code=...&state=...' }] });

/** How the member who asks can sign in. */
export const signInState = z
  .object({
    object: z.literal('sign_in'),
    password: z.boolean().describe('Whether there is a password.'),
    password_set_at: z.number().int().nullable().describe('When it was set, in Unix seconds.'),
    totp: z.boolean().describe('Whether there is a second factor.'),
    recovery_codes_left: z.number().int(),
    oidc: z.boolean().describe("Whether the member is bound to an account of the tenant's own sign-in."),
  })
  .meta({ id: 'SignIn', description: 'How a member signs in.' });

export type SignInState = z.infer<typeof signInState>;
