/**
 * The files that may import PlatformDatabase, each with the reason why no tenant can be named there.
 * The architecture test refuses any other importer and any line here that imports it no more.
 */
export const platformRepositories: Readonly<Record<string, string>> = {
  'modules/keys/key-lookup.repository.ts': 'A key is looked up by its hash; the tenant is what the look-up finds.',
  'modules/tenants/host-lookup.repository.ts': 'A host is looked up over all tenants; the tenant is what the look-up finds.',
  'modules/members/admin-lookup.repository.ts': 'An admin token is looked up by its hash, over tenants and operators.',
  'modules/sessions/session-lookup.repository.ts': 'A session is looked up by its hash, over tenants and operators.',
  'modules/sessions/operator-sessions.repository.ts': "Operators' sessions belong to no tenant.",
  'modules/sign-in/link-lookup.repository.ts': 'A link is looked up by its hash; the tenant is what the look-up finds.',
  'modules/key-hygiene/leak-reports.repository.ts': 'Whose a found secret is, is what the look-up finds.',
  'modules/key-hygiene/ending-keys.repository.ts': 'Keys that end soon are looked for over all tenants.',
  'modules/sealing/sealing.repository.ts': 'Secrets of all tenants are sealed anew under another key of the platform.',
  'modules/members/bootstrap.ts': 'The first operator of a platform is made from the command line.',
  'modules/tenants/tenant-lookup.repository.ts': 'An operator names a tenant by its slug.',
  'modules/tenants/tenant-transactions.repository.ts': 'Operators list, create and delete tenants and set their hosts.',
  'modules/erasure/erasures.repository.ts': 'Erasures outlive their tenants.',
  'modules/erasure/tenant-rows.repository.ts': 'All tables are searched for what is left of a tenant that is erased.',
  'modules/members/operator-tokens.repository.ts': "Operators' tokens belong to no tenant.",
  'modules/audit/operator-audit.repository.ts': 'The audit of what belongs to no tenant.',
  'modules/audit-chain/anchoring.repository.ts': 'Chains of all tenants that have grown beyond their anchors are looked for.',
  'modules/audit-chain/chain-moments.ts': "The operators' chain belongs to no tenant.",
  'modules/audit-chain/sealing.repository.ts': 'New rows of the audit of all tenants are looked for and sealed.',
  'modules/configuration/apply-transactions.repository.ts':
    'An apply makes tenants and sets their hosts before it enters the one that it changes.',
  'modules/usage/usage-drain.repository.ts': 'Calls of all tenants go to the database in one batch.',
  'modules/usage/usage-store.repository.ts': 'Partitions, sums and rows of an older release are those of all tenants.',
  'modules/request-log/request-writer.repository.ts': 'Rows of the request log of all tenants are written in one batch.',
  'modules/request-log/bodies/request-bodies-writer.repository.ts': 'Bodies of calls of all tenants are written in one batch.',
  'modules/request-log/request-days.repository.ts': 'A day of the request log is that of all tenants.',
  'modules/conversations/conversation-expiry.repository.ts':
    'Which tenants limit how long conversations are kept is asked over all of them.',
  'modules/stored-completions/stored-expiry.repository.ts': 'What has expired of all tenants is removed by one statement.',
  'modules/connections/circuit/connection-health.repository.ts':
    'One statement says how the connections of all tenants fare in a process.',
  'modules/idempotency/live-runs.repository.ts': 'One statement says of the runs of all tenants that their process lives.',
  'modules/files/watch/file-watch.repository.ts':
    'One statement asks for the progress of all files that callers of all tenants wait for.',
  'modules/responses/background/background-watch.repository.ts':
    'One statement asks for all responses that are followed or made in this process; those without a job are looked for over all tenants.',
  'modules/batch-runs/batch-watch.repository.ts':
    'One statement says of the runs of all tenants that they live; batches that wait or are over are looked for over all of them.',
  'modules/files/ingestion/file-sweep.repository.ts': 'Files without a job are looked for over all tenants.',
  'modules/files/tenant/expired-files.repository.ts': 'Files whose time is over are removed over all tenants.',
  'modules/files/uploads/expired-uploads.repository.ts': 'Uploads that stayed open for too long are ended over all tenants.',
  'modules/files/intake/orphan-contents.repository.ts': 'Contents without a file are looked for over all tenants.',
  'modules/files/ingestion/passage-vectors.repository.ts': 'Vectors of an older release are looked for over all tenants.',
  'modules/files/ingestion/passage-words.repository.ts': 'Passages of an older release are looked for over all tenants.',
  'modules/files/intake/adopt-storage.ts': 'From the command line: whose the objects of the whole platform are.',
  'modules/files/intake/installation.repository.ts': 'The name of the platform in its bucket belongs to no tenant.',
  'modules/retrieval/recall.repository.ts': 'Large datasets are looked for over all tenants.',
  'modules/vector-stores/store-sweep.repository.ts': 'What has left the vector stores of all tenants is removed in steps.',
  'modules/fine-tuning/record/tuning-sweep.repository.ts': 'Fine-tuning jobs that are due are looked for over all tenants.',
  'modules/prices/prices.repository.ts': "Providers' prices belong to no tenant.",
  'modules/budgets/passed-budgets.repository.ts': 'Budgets of all tenants that have passed a threshold are looked for at once.',
  'modules/spending/slices.repository.ts': 'What dead processes held of the budgets of all tenants is looked for at once.',
  'modules/runbook-runs/runbook-sweep.repository.ts': 'Runs of runbooks that are due, or old, are looked for over all tenants.',
  'modules/approvals/approval-watch.repository.ts':
    'Approved calls of all tenants are taken, watched and removed by one statement each.',
  'modules/webhooks/webhook-sweep.repository.ts': 'Deliveries that are due, or old, are looked for over all tenants.',
  'cli/doctor/server/database.ts': 'Whether any operator has a token is asked from the command line.',
  'cli/doctor/server/server-doctor.ts': 'Hands the database to the looks at queue, storage and connections.',
  'cli/doctor/server/queue.ts': 'How long files of all tenants have waited is asked from the command line.',
  'cli/doctor/server/request-log.ts': 'What was left out of the request log of all tenants is asked from the command line.',
  'cli/doctor/server/storage.ts': 'Whose the storage is, is said of the platform as a whole.',
  'cli/doctor/server/connections.ts': 'Whether the secrets of all connections open is asked from the command line.',
  'modules/system/sweep.repository.ts': 'Expired rows are removed over all tenants at once.',
};
