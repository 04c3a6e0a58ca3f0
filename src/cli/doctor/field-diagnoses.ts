import type { Diagnosis } from './diagnosis.js';

/** What `gt doctor --base-url … --key …` can find, in the order in which it looks. */
export const fieldDiagnoses = {
  'base-url-without-v1': {
    what: 'The base URL lacks /v1 at its end.',
    cure: 'Use the base URL with /api/tenant/v1 at its end: some clients and proxies take no other form.',
    severity: 'warning',
  },
  'base-url-doubled-v1': {
    what: 'The base URL has /v1 twice.',
    cure: 'Use the base URL with one /v1 at its end; where the client adds /v1 by itself, leave it out of its setting.',
    severity: 'warning',
  },
  'base-url-without-api-tenant': {
    what: 'The base URL lacks /api/tenant.',
    cure: 'Use the base URL with /api/tenant/v1 at its end.',
    severity: 'fault',
  },
  'base-url-with-route': {
    what: 'The base URL goes on behind /api/tenant/v1: it holds a route.',
    cure: 'End the base URL with /api/tenant/v1; the client adds the route by itself.',
    severity: 'fault',
  },
  'not-the-platform': {
    what: 'Something else than this platform answers at the base URL.',
    cure: "Check the host and the port: the base URL is the platform's, not a provider's. A proxy in front must pass /api/tenant/ on to the platform.",
    severity: 'fault',
  },
  'host-unknown': {
    what: 'The host of the base URL has no address.',
    cure: 'Check how the host is spelt, and the name service of this machine.',
    severity: 'fault',
  },
  unreachable: {
    what: 'Nothing takes connections at the base URL.',
    cure: 'Check the port, that the platform or its proxy runs, and the firewalls between.',
    severity: 'fault',
  },
  'no-answer': {
    what: 'No answer came in time.',
    cure: 'Check the firewalls and proxies between here and the platform, and whether the platform is overloaded.',
    severity: 'fault',
  },
  'http-instead-of-https': {
    what: 'The base URL says http where the platform is served by https.',
    cure: 'Begin the base URL with https: a redirect loses the body or the key, and http shows the key to everyone on the way.',
    severity: 'fault',
  },
  'https-instead-of-http': {
    what: 'The base URL says https, and http is spoken there.',
    cure: 'Begin the base URL with http, or put a proxy with a certificate in front.',
    severity: 'fault',
  },
  'certificate-refused': {
    what: 'The certificate of the host is not trusted here.',
    cure: 'Use a certificate for this host name that is valid now, or give its authority to clients (NODE_EXTRA_CA_CERTS; here --ca).',
    severity: 'fault',
  },
  redirected: {
    what: 'The base URL is redirected to another host.',
    cure: 'Use the address to which it leads, if it is yours: clients do not send their key along.',
    severity: 'fault',
  },
  'clock-skew': {
    what: 'The clocks of this machine and of the server differ.',
    cure: 'Let both machines take their time from a time server: ends of keys, certificates and signatures of webhooks depend on it.',
    severity: 'fault',
  },
  'key-malformed': {
    what: 'The key is no key of this platform, or was not copied whole.',
    cure: 'Give the client the whole key of a tenant, which begins with gtak_. A lost one cannot be shown again: "gt key rotate" makes a new secret, "gt key create" another key.',
    severity: 'fault',
  },
  'authorization-stripped': {
    what: 'The Authorization header does not arrive as it was sent.',
    cure: 'Let the proxy pass Authorization on unchanged, and switch off a sign-in of its own for /api/tenant/.',
    severity: 'fault',
  },
  'key-revoked': {
    what: 'The key has been revoked.',
    cure: 'Make a new key ("gt key create"): a revoked one stays revoked.',
    severity: 'fault',
  },
  'key-expired': {
    what: 'The key has expired.',
    cure: 'Set its end anew ("gt key update --expires-at"), or make a new key.',
    severity: 'fault',
  },
  'key-disabled': {
    what: 'The key is disabled.',
    cure: 'Enable it: "gt key enable".',
    severity: 'fault',
  },
  'key-unknown': {
    what: 'The key is not accepted here, and the platform does not say why.',
    cure: "It may be of another installation, rotated or deleted, its tenant disabled, or the host another tenant's: --admin-token finds out.",
    severity: 'fault',
  },
  'key-absent': {
    what: 'No key that the admin token can see has this secret.',
    cure: 'It was rotated or deleted, or is of another installation or tenant. Give the client the present secret, or make one: "gt key rotate", "gt key create".',
    severity: 'fault',
  },
  'tenant-disabled': {
    what: 'The tenant of the key is disabled.',
    cure: 'An operator makes it active again: "gt tenant update <slug> --state active".',
    severity: 'fault',
  },
  'wrong-host': {
    what: 'The host of the base URL belongs to another tenant than the key.',
    cure: "Use a host of the key's own tenant, or one that belongs to nobody.",
    severity: 'fault',
  },
  'address-not-allowed': {
    what: 'The key may not be used from this address.',
    cure: 'Add the address to the key ("gt key update --allowed-ips"); behind a proxy, name the proxy in GT_TRUSTED_PROXIES.',
    severity: 'fault',
  },
  'tenant-suspended': {
    what: 'The tenant of the key is suspended.',
    cure: 'Ask the operator: "gt tenant update <slug> --state active" ends it.',
    severity: 'fault',
  },
  'call-held': {
    what: 'The call is under approval: it is held until an owner or manager approves it.',
    cure: 'Have it approved ("gt approval list", "gt approval approve"), and let the client fetch the result or send its Idempotency-Key again; or take the route out of the approval of the key or tenant.',
    severity: 'fault',
  },
  'api-switched-off': {
    what: 'The tenant has switched this part of its API off.',
    cure: 'Switch it on again: "gt tenant update" with --api-enabled or --routes-off.',
    severity: 'fault',
  },
  'rate-limited': {
    what: 'The platform takes no more calls from this key or address for the moment.',
    cure: 'Wait as long as Retry-After says; send fewer calls, or with a key that is right, or raise the limits of the key.',
    severity: 'fault',
  },
  'request-header-stripped': {
    what: 'A header of the request does not arrive.',
    cure: 'Let the proxy pass all headers of requests on, those that begin with x- too.',
    severity: 'fault',
  },
  'reply-header-stripped': {
    what: "Headers of the platform's replies do not arrive.",
    cure: 'Let the proxy pass all headers of replies on: clients wait by Retry-After, and calls are found by x-gt-request-id.',
    severity: 'fault',
  },
  'reply-of-a-proxy': {
    what: 'Something in front of the platform answers in its place.',
    cure: 'Look into the log of the proxy or firewall in front: the platform did not send this answer.',
    severity: 'fault',
  },
  'scope-missing': {
    what: 'The key lacks a scope that the call needs.',
    cure: 'Make a key from a preset that has the scope, or add the scope to the key.',
    severity: 'fault',
  },
  'model-unknown': {
    what: 'The key may use no model of this name.',
    cure: 'Use one of the names that GET /models lists for the key; --admin-token tells whether it is published and not allowed.',
    severity: 'fault',
  },
  'model-unpublished': {
    what: 'No endpoint of this name is published in the tenant.',
    cure: 'Publish it ("gt agent publish --endpoint", "gt endpoint create"), or use a name that is.',
    severity: 'fault',
  },
  'model-not-allowed': {
    what: 'The name is published, and the key may not use it.',
    cure: 'Add it to the key: "gt key update" with --agents or --raw-models.',
    severity: 'fault',
  },
  'no-models': {
    what: 'The key may use no model at all.',
    cure: 'Give the key names in its allowlists ("gt key update" with --agents or --raw-models) that are published.',
    severity: 'fault',
  },
  'provider-down': {
    what: 'The model provider cannot be reached or does not answer in time.',
    cure: 'Try the connection: "gt connection test"; look at the provider\'s own status page.',
    severity: 'fault',
  },
  'provider-fails': {
    what: 'The model provider answers with an error.',
    cure: 'Try the connection ("gt connection test"); with --admin-token the doctor tells which error it is.',
    severity: 'fault',
  },
  'provider-key-refused': {
    what: "The model provider refuses the connection's key.",
    cure: 'Give the connection a valid key: "gt connection update --token-env".',
    severity: 'fault',
  },
  'provider-model-unknown': {
    what: 'The model provider does not know the model, or the address of the connection is wrong.',
    cure: 'Compare the name with "gt connection models", and check the base URL and the paths of the connection.',
    severity: 'fault',
  },
  'provider-login-lost': {
    what: 'The login of the connection at its provider gives no tokens.',
    cure: 'Log in again: "gt connection login".',
    severity: 'fault',
  },
  'call-refused': {
    what: 'The platform refuses the call.',
    cure: 'Do what its message says.',
    severity: 'fault',
  },
  'platform-overloaded': {
    what: 'The platform is overloaded or its database is away.',
    cure: 'Look at /readyz and the log of the platform; run "gt doctor" without arguments on its machine.',
    severity: 'fault',
  },
  'platform-error': {
    what: 'The platform has an error of its own.',
    cure: 'Look for the request id in the log of the platform.',
    severity: 'fault',
  },
  'stream-held-back': {
    what: 'Something on the way holds streams back until they are over or a buffer is full.',
    cure: 'Switch off the buffering and the compression of replies in the proxy (nginx: proxy_buffering off).',
    severity: 'fault',
  },
  'stream-cut-off': {
    what: 'The stream ended before its end.',
    cure: 'Raise the limits of the proxy in front for the length and the silence of replies.',
    severity: 'fault',
  },
  'sockets-blocked': {
    what: 'WebSockets do not get through.',
    cure: 'Let the proxy pass on Upgrade and Connection (nginx: proxy_http_version 1.1), or switch the client to POST /responses.',
    severity: 'fault',
  },
  'sockets-switched-off': {
    what: 'The platform does not take WebSockets.',
    cure: "Set GT_SOCKETS_PER_KEY above 0 and take websocket out of the tenant's routes_off, if clients need them.",
    severity: 'warning',
  },
  'upload-limit-of-proxy': {
    what: 'Something in front of the platform takes only smaller bodies than the platform does.',
    cure: 'Raise the limit of the proxy (nginx: client_max_body_size) to that of the platform.',
    severity: 'fault',
  },
  'admin-token-refused': {
    what: 'The admin plane does not answer to the admin token.',
    cure: 'Check --admin-token, and with --url the address of the admin plane.',
    severity: 'fault',
  },
} as const satisfies Readonly<Record<string, Diagnosis>>;
