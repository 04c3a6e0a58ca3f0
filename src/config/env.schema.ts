import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { addressRange } from '../kernel/addresses.js';
import { usualSharePercent } from '../kernel/share-budget.js';
import { flag } from './setting-forms.js';
import { traceSettings } from './trace-settings.js';

/**
 * The one list of settings. Start-up reads it, `docs/settings.md` is generated from it and a test holds
 * `docker-compose.yml` against it. A setting's `describe` text is its line in the documents; the unit ends its name.
 */
const milliseconds = (fallback: number, text: string) =>
  z.coerce.number().int().min(0).max(86_400_000).default(fallback).describe(text);

const bytes = (fallback: number, text: string) => z.coerce.number().int().min(1024).default(fallback).describe(text);

const list = (text: string) =>
  z
    .string()
    .default('')
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .describe(text);

/** Whether a text names a reporter's key: it is one of elliptic curves. */
function isReporter(entry: string): boolean {
  const [, encoded = ''] = /^[\w.-]{1,200}:([A-Za-z0-9+/]+=*)$/.exec(entry) ?? [];
  try {
    return createPublicKey({ key: Buffer.from(encoded, 'base64'), format: 'der', type: 'spki' }).asymmetricKeyType === 'ec';
  } catch {
    return false;
  }
}

const secretKeyForm = /^[A-Za-z0-9_-]{1,32}:[A-Za-z0-9+/]{43}=$/;

/** One process's settings, read from the environment. Unknown `GT_` names are refused by `load-config.ts`. */
const settings = z.object({
  GT_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address that the API listens on. Only loopback unless you say otherwise.'),
  GT_PORT: z.coerce.number().int().min(0).max(65535).default(3000).describe('Port that the API listens on.'),
  GT_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Address that clients use, and workers that verify runbooks, e.g. `https://api.example.com`. Default: `http://<host>:<port>`.',
    ),
  GT_DATA_DIR: z
    .string()
    .min(1)
    .default('.gt')
    .describe('Folder of everything that is kept outside the database: journals, files, embedded Postgres.'),
  DATABASE_URL: z
    .string({ error: 'is required: the address of the PostgreSQL database, e.g. postgresql://user:password@host:5432/gt' })
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://')
    .describe('Address of the PostgreSQL database (16 or newer). `npm run up` starts an embedded one when it is not set.'),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .optional()
    .describe('Address of Redis for the job queue. Without it the queue lives in Postgres.'),
  GT_SECRET_KEYS: z
    .string({
      error:
        'is required: the key ring that seals provider secrets, as <id>:<32 bytes in base64>; make one with: openssl rand -base64 32',
    })
    .transform((value) => value.split(',').map((part) => part.trim()))
    .refine(
      (keys) => keys.every((key) => secretKeyForm.test(key)),
      'must be <id>:<32 bytes in base64>, several separated by commas, the newest first',
    )
    .describe('Key ring for AES-256-GCM, `<id>:<32 bytes in base64>`, several separated by commas; the first seals, all open.'),
  GT_TRUSTED_PROXIES: list('Addresses or CIDR ranges of the proxies whose `X-Forwarded-*` and `Forwarded` headers count.').refine(
    (texts) => texts.every((text) => addressRange(text) !== undefined || ['loopback', 'linklocal', 'uniquelocal'].includes(text)),
    'must be addresses or CIDR ranges, separated by commas',
  ),
  GT_ALLOW_PRIVATE_UPSTREAMS: z
    .string()
    .default('false')
    .describe('Private addresses that providers may have: `false`, `true`, or a list of host:port or CIDR.'),
  GT_UPSTREAM_CONNECT_MS: milliseconds(5_000, 'Limit for connecting to a provider.'),
  GT_UPSTREAM_FIRST_BYTE_MS: milliseconds(120_000, "Limit until the provider's first byte."),
  GT_UPSTREAM_IDLE_MS: milliseconds(60_000, 'Longest silence of a provider within a reply.'),
  GT_UPSTREAM_TOTAL_MS: milliseconds(600_000, 'Limit for a whole call to a provider.'),
  GT_MAX_UPSTREAM_CALLS: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(4_096)
    .describe(
      'Calls of tenants to providers that are under way in one process. Of them a tenant has its share (GT_TENANT_SHARE_PERCENT); a call that finds no place waits for one up to 15 s, then it is answered 503.',
    ),
  GT_MAX_UPSTREAM_BYTES: bytes(
    64 * 1024 * 1024,
    "Largest reply of a provider that is not streamed; also one stream event's limit.",
  ),
  GT_MAX_JSON_BYTES: bytes(20 * 1024 * 1024, 'Largest JSON body of a request.'),
  GT_MAX_BODIES_BYTES: bytes(
    512 * 1024 * 1024,
    'Request bodies in flight in one process. Of it a tenant has its share (GT_TENANT_SHARE_PERCENT); more is answered 503.',
  ),
  GT_MAX_REPLIES_BYTES: bytes(
    512 * 1024 * 1024,
    'Replies of providers, and stored ones that are read, in the memory of one process. Of it a tenant has its share (GT_TENANT_SHARE_PERCENT); more is answered 503.',
  ),
  GT_MAX_FILE_BYTES: bytes(1024 * 1024 * 1024, 'Largest uploaded file.'),
  GT_MAX_SPOOL_BYTES: bytes(
    4 * 1024 * 1024 * 1024,
    'Forms that wait on the disk of one process until they can be sent. Of it a tenant has its share (GT_TENANT_SHARE_PERCENT); more is answered 503.',
  ),
  GT_TENANT_SHARE_PERCENT: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(usualSharePercent)
    .describe(
      'Share of one tenant in what tenants have together in one process: memory for bodies and replies, forms that wait, calls to providers, database connections. While others want some, it gets no more than that. Where there is one tenant: 100.',
    ),
  GT_AUTH_STALE_MS: milliseconds(10_000, 'How long known keys live on while the database cannot be reached.'),
  GT_AUTH_FAILURES_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(60)
    .describe('Failed authentications a minute from one address before it is answered 429.'),
  GT_KEEP_ALIVE_MS: milliseconds(15_000, 'Interval of the keep-alive in a silent stream.'),
  GT_BATCH_PLACES: z.coerce
    .number()
    .int()
    .min(1)
    .max(1024)
    .default(64)
    .describe('Requests of batches that one worker makes at a time. While several tenants have some, one has a quarter of it.'),
  GT_BATCH_POLL_MS: z.coerce
    .number()
    .int()
    .min(50)
    .max(600_000)
    .default(30_000)
    .describe('How often a provider is asked how far a batch is that it makes; less often while nothing changes.'),
  GT_APPROVAL_HOURS: z.coerce
    .number()
    .min(0.001)
    .max(720)
    .default(24)
    .describe('For how many hours a held call can be approved; then it has expired. Parts of an hour are written as 0.5.'),
  GT_SOCKETS_PER_KEY: z.coerce
    .number()
    .int()
    .min(0)
    .default(64)
    .describe(
      'WebSockets that one API key may have open: in all processes with the same REDIS_URL, without one in each process. 0 switches WebSockets off: they are answered 426.',
    ),
  GT_SOCKET_PING_MS: milliseconds(
    30_000,
    'Interval of the pings on a WebSocket; who has not shown a sign of life since the last one is cut off.',
  ),
  GT_SOCKET_MAX_MS: milliseconds(3_600_000, 'How long a WebSocket may be open.'),
  GT_SHUTDOWN_DELAY_MS: milliseconds(
    3_000,
    'How long a process that was sent SIGTERM goes on answering with `/readyz` at 503, so that load balancers leave it first. `npm run up`: 0.',
  ),
  GT_SHUTDOWN_GRACE_MS: milliseconds(30_000, 'How long a stopping process waits for open requests and streams.'),
  GT_REQUEST_LOG_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(400)
    .default(30)
    .describe('Days for which the request log is kept: a row for each call of a key. 0 switches it off.'),
  GT_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('Lowest level that is logged.'),
  GT_LEAK_REPORT_KEYS: list(
    'Public keys of those who may report secrets that they found, `<identifier>:<base64 of the DER>` each (docs/security.md, Leaked secrets). Without one there is no `/api/leak-reports`.',
  ).refine(
    (entries) => entries.every(isReporter),
    'must be <identifier>:<base64 of an EC public key in DER>, several separated by commas',
  ),
  GT_METRICS_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe(
      'Bearer token for `/metrics`, at least 16 characters. Without it and without GT_METRICS_PORT there is no `/metrics`.',
    ),
  GT_METRICS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe('Own port for `/metrics` on GT_HOST, without a token.'),
  GT_DATABASE_POOL: z.coerce
    .number()
    .int()
    .min(2)
    .max(200)
    .default(10)
    .describe(
      'Database connections of one process. From four on, one in five is left to the platform itself; of the others a tenant has its share (GT_TENANT_SHARE_PERCENT).',
    ),
  GT_VECTOR_CACHE_BYTES: bytes(
    512 * 1024 * 1024,
    'Memory for searches by vectors in one process. What finds no room in it is read anew for each search.',
  ),
  GT_STORAGE: z
    .enum(['local', 's3'])
    .default('local')
    .describe('Where files are kept: `local` (below GT_DATA_DIR) or `s3` (any S3-compatible store).'),
  GT_S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Address of the S3-compatible server. Default: Amazon's of the region."),
  GT_S3_BUCKET: z.string().min(3).max(63).optional().describe('Bucket of the files; required with GT_STORAGE=s3. It must exist.'),
  GT_S3_REGION: z.string().min(1).default('us-east-1').describe('Region of the bucket.'),
  GT_S3_ACCESS_KEY_ID: z
    .string()
    .min(1)
    .optional()
    .describe("Access key. Without it, the machine's own role or profile is used."),
  GT_S3_SECRET_ACCESS_KEY: z.string().min(1).optional().describe('Secret of the access key.'),
  GT_S3_FORCE_PATH_STYLE: flag('true', 'The bucket in the path, not in the host name: most servers other than Amazon need it.'),
  GT_DOCUMENT_READER_URL: z
    .url({ protocol: /^https?$/ })
    .refine((text) => !/[?#]|\/\/[^/]*@/.test(text), 'must have no user name, query or fragment')
    .optional()
    .describe(
      'Address of your own document reader. Documents that the platform cannot read itself, scans included, are sent there and nowhere else. A private address is allowed.',
    ),
  GT_DOCUMENT_READER_KIND: z
    .enum(['tika', 'docling'])
    .default('tika')
    .describe('What answers at GT_DOCUMENT_READER_URL: `tika` (Apache Tika Server) or `docling` (Docling Serve).'),
  GT_DOCUMENT_READER_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters')
    .optional()
    .describe('Token for the document reader: sent as `Authorization: Bearer` to Tika, as `X-Api-Key` to Docling.'),
  GT_DOCUMENT_READER_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(2_400_000)
    .default(300_000)
    .describe('Limit for one document at the document reader, from the first byte sent to the last one received.'),
  GT_DOCUMENT_READER_MAX_BYTES: bytes(100 * 1024 * 1024, 'Largest document that is sent to the document reader.'),
  GT_TESSERACT_DATA: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Folder with Tesseract's language data (`deu.traineddata`, gzipped or not) for the text of scanned pages. Default: the installed packages `@tesseract.js-data/<language>`.",
    ),
  GT_FINE_TUNING_POLL_MS: z.coerce
    .number()
    .int()
    .min(50)
    .max(600_000)
    .default(10_000)
    .describe('How often a provider is asked how far a fine-tuning job is; less often while nothing changes.'),
  ...traceSettings,
  GT_FAULT_POINT: z
    .string()
    .regex(/^[a-z0-9.-]+$/)
    .optional()
    .describe('For tests of the platform itself: the step at which the process kills itself.'),
});

/** The settings with what binds several of them. */
export const envSchema = settings
  .refine((env) => env.GT_STORAGE !== 's3' || env.GT_S3_BUCKET !== undefined, {
    path: ['GT_S3_BUCKET'],
    message: 'is required with GT_STORAGE=s3',
  })
  .refine((env) => (env.GT_S3_ACCESS_KEY_ID === undefined) === (env.GT_S3_SECRET_ACCESS_KEY === undefined), {
    path: ['GT_S3_SECRET_ACCESS_KEY'],
    message: 'and GT_S3_ACCESS_KEY_ID must be set together',
  });

export type Env = z.infer<typeof envSchema>;
