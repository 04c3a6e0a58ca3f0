import { EgressError } from '../../platform/upstream/json-call.js';
import type { UpstreamFailureKind } from '../../platform/upstream/upstream-call.js';

/** Why a host gave no reply that can be used: for admins and the log, without a host, an address or a secret. */
export interface UnreachableReason {
  /** A short code of ours. */
  readonly code: string;
  /** One sentence, or two where something can be done. */
  readonly message: string;
}

/** The setting that names the host. */
type Setting = 'base_url' | 'auth (its issuer or an endpoint)';
type Sentence = (setting: Setting) => string;

/** What each code means that Node, undici or our own way out give an error. The first whose codes hold it counts. */
const ofCodes: readonly (readonly [codes: RegExp, reason: string, sentence: Sentence])[] = [
  [/^(ENOTFOUND|ENODATA|EAI_NODATA|EAI_NONAME)$/, 'name_not_found', (at) => `The host name in ${at} does not exist.`],
  [/^EAI_/, 'name_service', (at) => `The name service does not answer for the host name in ${at}.`],
  [/^ECONNREFUSED$/, 'connection_refused', (at) => `Nothing takes connections at the host and port of ${at}.`],
  [
    /^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/,
    'connect_timeout',
    (at) => `The connection to the host of ${at} did not come about in time (GT_UPSTREAM_CONNECT_MS).`,
  ],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'no_route', (at) => `This platform has no route to the host of ${at}.`],
  [
    /^EGRESS_REFUSED$/,
    'address_not_allowed',
    (at) =>
      `The host of ${at} has no address that this platform may call: an operator allows private ones in GT_ALLOW_PRIVATE_UPSTREAMS.`,
  ],
  [/^CERT_HAS_EXPIRED$/, 'certificate_expired', () => "The host's certificate has expired."],
  [/^CERT_NOT_YET_VALID$/, 'certificate_not_yet_valid', () => "The host's certificate is not valid yet."],
  [/^CERT_REVOKED$/, 'certificate_revoked', () => "The host's certificate was revoked."],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'certificate_of_other_name',
    (at) => `The host's certificate is for another name than the one in ${at}.`,
  ],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|INVALID_CA$|PATH_LENGTH_EXCEEDED$)/,
    'certificate_not_trusted',
    () => "The host's certificate is not trusted: give the CA in `ca`.",
  ],
  [
    /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/,
    'no_tls',
    (at) => `The host does not speak TLS at this port: check https and the port in ${at}.`,
  ],
  [/^(ERR_SSL_|EPROTO$)/, 'tls_failed', () => 'The host and this platform found no way to speak TLS with each other.'],
  [
    /^(HPE_|HOST_SPOKE_FIRST$)/,
    'unreadable',
    (at) => `The reply cannot be read as HTTP: check http or https and the port in ${at}.`,
  ],
  [/^PROXY_UNREACHABLE$/, 'proxy_unreachable', () => 'The proxy of this connection cannot be reached.'],
  [/^PROXY_LOGIN$/, 'proxy_login', () => 'The proxy does not take the username and password of this connection.'],
  [/^PROXY_REFUSED$/, 'proxy_refused', () => 'The proxy refused to connect, or did not reach the host.'],
  [/^PROXY_CLOSED$/, 'proxy_closed', () => 'The proxy closed the connection without an answer.'],
  [
    /^PROXY_MALFORMED$/,
    'proxy_unreadable',
    () => 'The reply of the proxy cannot be read: check whether it is one of HTTP or SOCKS5, and its port.',
  ],
  [
    /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/,
    'connection_closed',
    (at) => `The host closed the connection before it had answered: check http or https and the port in ${at}.`,
  ],
];

const ofKinds: Readonly<Record<EgressError['kind'], readonly [reason: string, sentence: Sentence]>> = {
  busy: ['busy', () => 'The platform has as many calls under way as it may have.'],
  redirected: [
    'redirected',
    (at) => `The provider answered with a redirect, which is not followed. Set ${at} to its real address.`,
  ],
  too_large: ['too_large', () => "The provider's reply is too large."],
  timeout_first_byte: noReply(),
  timeout_idle: noReply(),
  timeout_total: noReply(),
  refused: ['unreachable', (at) => `No connection to the host of ${at} came about.`],
  broken: ['broken', () => 'The connection broke off before there was a whole reply.'],
};

/** @param setting names the host that was called. */
export function unreachableReason(error: EgressError, setting: Setting = 'base_url'): UnreachableReason {
  const byCode = hasCodes(error.kind) ? ofCause(error.cause) : undefined;
  const [code, sentence] = byCode ?? ofKinds[error.kind];
  return { code, message: sentence(setting) };
}

/** The failed call that an error comes from. */
export function failedCall(error: unknown): EgressError | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 6; cause = cause.cause, depth += 1)
    if (cause instanceof EgressError) return cause;
  return undefined;
}

function noReply(): readonly [string, Sentence] {
  return ['no_reply', (at) => `The host of ${at} did not answer in time.`];
}

function hasCodes(kind: EgressError['kind']): kind is Extract<UpstreamFailureKind, 'refused' | 'broken'> {
  return kind === 'refused' || kind === 'broken';
}

/** By the outermost error that is known: a proxy that cannot be reached is not a provider that refuses. */
function ofCause(error: unknown): readonly [string, Sentence] | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 6; cause = cause.cause, depth += 1) {
    const code = codeOf(cause);
    const found = ofCodes.find(([codes]) => codes.test(code));
    if (found !== undefined) return [found[1], found[2]];
  }
  return undefined;
}

/** undici gives what its parser refuses a code only sometimes. */
function codeOf(error: Error & { readonly code?: unknown }): string {
  if (error.name === 'HTTPParserError') return 'HPE_';
  return typeof error.code === 'string' ? error.code : '';
}
