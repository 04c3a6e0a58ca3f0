import type { Diagnosis } from './diagnosis.js';

/** What `gt doctor` without arguments can find on the machine of the platform, in the order in which it looks. */
export const serverDiagnoses = {
  'node-too-old': {
    what: 'Node is too old.',
    cure: 'Install Node 20.19 or newer.',
    severity: 'fault',
  },
  'settings-invalid': {
    what: 'Settings are missing or not valid, so no process starts.',
    cure: 'See docs/settings.md.',
    severity: 'fault',
  },
  'data-folder-read-only': {
    what: 'The data folder cannot be written.',
    cure: 'Change its owner, or set GT_DATA_DIR to another folder.',
    severity: 'fault',
  },
  'database-unset': {
    what: 'No database is named.',
    cure: 'Set DATABASE_URL, or start the platform with "npm run up", which brings its own.',
    severity: 'fault',
  },
  'database-away': {
    what: 'The database does not answer.',
    cure: 'Check that it runs, and host, port, name and password in DATABASE_URL.',
    severity: 'fault',
  },
  'database-too-old': {
    what: 'PostgreSQL is too old.',
    cure: 'The platform needs PostgreSQL 16 or newer.',
    severity: 'fault',
  },
  'migrations-missing': {
    what: 'The schema of the database is not that of this build.',
    cure: 'Run: npx --no -- gt migrate',
    severity: 'fault',
  },
  'isolation-broken': {
    what: 'The database does not keep tenants apart, so no process starts.',
    cure: 'Restore the row-level security of the named table, or the rights of the role gt_app.',
    severity: 'fault',
  },
  'operators-none': {
    what: 'No operator has a token.',
    cure: 'Run: npx --no -- gt operator create --name <name>',
    severity: 'fault',
  },
  'queue-away': {
    what: 'The job queue does not answer.',
    cure: 'Check that Redis runs and REDIS_URL is right; without REDIS_URL the queue is in the database.',
    severity: 'fault',
  },
  'queue-stands': {
    what: 'Work waits for a worker and is not taken.',
    cure: 'Start "node dist/worker.js", with the same DATABASE_URL and REDIS_URL as the API.',
    severity: 'fault',
  },
  'storage-away': {
    what: 'The file storage takes no data.',
    cure: 'Check the folder of GT_DATA_DIR, or the GT_S3_ settings, that the bucket exists and that the keys may write.',
    severity: 'fault',
  },
  'storage-claimed': {
    what: 'The files in the storage belong to another database, so nothing is cleaned up there.',
    cure: 'If this database takes the place of the other, end the other platform and run: npx --no -- gt storage adopt',
    severity: 'warning',
  },
  'request-log-dropped': {
    what: 'Rows of the request log were left out in the last day, so that calls and their usage had room.',
    cure: 'See "When rows are left out" in docs/request-log.md, and gt_request_log_dropped_total of each process.',
    severity: 'warning',
  },
  'sandbox-away': {
    what: 'The sandbox provider of "npm run up" does not answer.',
    cure: 'Start the platform anew with "npm run up", and look into the log of the sandbox.',
    severity: 'fault',
  },
  'connection-sealed': {
    what: 'Secrets of connections cannot be opened with GT_SECRET_KEYS.',
    cure: 'Put the former key back into GT_SECRET_KEYS, or give these connections their secrets again: "gt connection update".',
    severity: 'fault',
  },
  'connection-login-lost': {
    what: 'Connections have lost their login, or nobody has logged in yet.',
    cure: 'Log in: "gt connection login <name> --tenant <slug>".',
    severity: 'warning',
  },
  'connection-address-refused': {
    what: 'Providers have private addresses that the settings do not allow.',
    cure: 'Name them in GT_ALLOW_PRIVATE_UPSTREAMS (host:port or CIDR), if they are yours.',
    severity: 'warning',
  },
  'connection-failing': {
    what: 'Providers are not asked at present, because too many calls in a row have failed.',
    cure: 'Look at "gt connection list", and try them: "gt connection test <name> --tenant <slug>".',
    severity: 'warning',
  },
} as const satisfies Readonly<Record<string, Diagnosis>>;
