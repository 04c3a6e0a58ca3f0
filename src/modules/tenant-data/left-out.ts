/** Why something of a tenant is in no export. */
type Reason = string;

const derived = 'Made from what the export has.';
const secret = 'A secret, or what stands for one.';
const sealed = 'Sealed. A route of its own shows it to people of the tenant while it is kept.';
const passing = 'Says how far a piece of work is, or who does it.';

/** Tables of tenants that are not in an export. */
export const leftOutTables: Readonly<Record<string, Reason>> = {
  key_secrets: secret,
  approval_links: secret,
  member_credentials: secret,
  member_links: secret,
  webhook_former_secrets: secret,
  connection_logins: secret,
  kept_thoughts: 'Sealed signatures of providers, kept for a day.',
  request_bodies: sealed,
  approval_parts: sealed,
  idempotent_requests: 'Answers that are kept for repeated requests, for a day.',
  passage_vectors: derived,
  passage_changes: passing,
  change_feed: passing,
  connection_health: passing,
  content_holds: passing,
  usage_open: derived,
  usage_unmoved: passing,
  usage: 'Calls of a former release that are not moved yet: usage_events has them within the hour.',
  batch_runs: passing,
  budget_slices: passing,
  sign_in_failures: passing,
  upload_parts: 'Parts of uploads that are not complete.',
};

/** Columns that are not in an export, by table. */
export const leftOutColumns: Readonly<Record<string, Readonly<Record<string, Reason>>>> = {
  admin_tokens: { hash: secret },
  sessions: { hash: secret },
  connections: { secret, proxy_secret: secret, headers: secret, further_tokens: secret },
  tenant_oidc: { client_secret: secret },
  webhooks: { secret },
  approvals: { head: sealed, request_hash: passing, owner: passing, beat_at: passing },
  background_responses: {
    body: 'The request, as it came: the response has its input.',
    headers: secret,
    owner: passing,
    beat_at: passing,
  },
  chunks: { embedding: derived, words: derived, search_words: derived },
  stored_completions: { message_texts: derived, message_ends: derived },
};
