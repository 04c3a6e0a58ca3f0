import { describe, expect, it } from '@jest/globals';
import { EgressError } from '../../platform/upstream/json-call.js';
import { EgressRefusedError } from '../../platform/upstream/egress-policy.js';
import { ProxyError } from '../../platform/upstream/way/proxy-error.js';
import { failedCall, unreachableReason } from './unreachable-reasons.js';

const host = 'canary.example';
const coded = (code: string, cause?: Error) => Object.assign(new Error(`connect ${code} ${host} 10.1.2.3`, { cause }), { code });
const refused = (cause: unknown) => new EgressError('refused', false, cause);
const unreadable = Object.assign(new Error('Expected HTTP/'), { name: 'HTTPParserError' });

describe('why a host gave no reply', () => {
  it.each<[reason: string, error: EgressError, says: RegExp]>([
    ['name_not_found', refused(coded('ENOTFOUND')), /^The host name in base_url does not exist\.$/],
    ['name_service', refused(coded('EAI_AGAIN')), /name service/],
    ['connection_refused', refused(coded('ECONNREFUSED')), /port of base_url/],
    ['connect_timeout', refused(coded('UND_ERR_CONNECT_TIMEOUT')), /GT_UPSTREAM_CONNECT_MS/],
    ['connect_timeout', refused(coded('ETIMEDOUT')), /in time/],
    ['no_route', refused(coded('EHOSTUNREACH')), /no route/],
    ['address_not_allowed', refused(new EgressRefusedError(host)), /operator .*GT_ALLOW_PRIVATE_UPSTREAMS/],
    ['certificate_not_trusted', refused(coded('DEPTH_ZERO_SELF_SIGNED_CERT')), /give the CA in `ca`/],
    ['certificate_not_trusted', refused(coded('SELF_SIGNED_CERT_IN_CHAIN')), /give the CA in `ca`/],
    ['certificate_not_trusted', refused(coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE')), /give the CA in `ca`/],
    ['certificate_expired', refused(coded('CERT_HAS_EXPIRED')), /expired/],
    ['certificate_not_yet_valid', refused(coded('CERT_NOT_YET_VALID')), /not valid yet/],
    ['certificate_of_other_name', refused(coded('ERR_TLS_CERT_ALTNAME_INVALID')), /another name/],
    ['no_tls', refused(coded('ERR_SSL_WRONG_VERSION_NUMBER')), /does not speak TLS/],
    ['tls_failed', refused(coded('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE')), /speak TLS with each other/],
    ['unreadable', new EgressError('broken', true, unreadable), /http or https/],
    ['unreadable', refused(coded('HOST_SPOKE_FIRST')), /http or https/],
    ['connection_closed', new EgressError('broken', true, coded('UND_ERR_SOCKET')), /closed the connection/],
    ['proxy_unreachable', refused(new ProxyError('PROXY_UNREACHABLE', 'x', coded('ECONNREFUSED'))), /^The proxy/],
    ['proxy_login', refused(new ProxyError('PROXY_LOGIN', 'x')), /username and password/],
    ['proxy_refused', refused(new ProxyError('PROXY_REFUSED', 'x')), /^The proxy refused/],
    ['proxy_closed', refused(new ProxyError('PROXY_CLOSED', 'x')), /^The proxy closed/],
    ['proxy_unreadable', refused(new ProxyError('PROXY_MALFORMED', 'x')), /HTTP or SOCKS5/],
    ['no_reply', new EgressError('timeout_total', true, new Error('limit')), /did not answer in time/],
    ['no_reply', new EgressError('timeout_first_byte', true, coded('ECONNREFUSED')), /did not answer in time/],
    ['redirected', new EgressError('redirected', true), /redirect/],
    ['busy', new EgressError('busy', false), /as many calls/],
    ['too_large', new EgressError('too_large', true), /too large/],
    ['name_not_found', refused(new Error('outer', { cause: coded('ENOTFOUND') })), /does not exist/],
    ['unreachable', refused(coded('SOMETHING_NEW')), /No connection/],
    ['unreachable', refused('no error at all'), /No connection/],
    ['broken', new EgressError('broken', true, new Error('x')), /broke off/],
  ])('%s', (reason, error, says) => {
    const { code, message } = unreachableReason(error);
    expect(code).toBe(reason);
    expect(message).toMatch(says);
    expect(message).not.toMatch(/canary|10\.1\.2\.3/);
  });

  it('names the setting that holds the host', () => {
    expect(unreachableReason(refused(coded('ENOTFOUND')), 'auth (its issuer or an endpoint)').message).toBe(
      'The host name in auth (its issuer or an endpoint) does not exist.',
    );
  });

  it('finds the call that an error comes from, if there is one', () => {
    const call = refused(coded('ENOTFOUND'));
    expect(failedCall(new Error('a', { cause: new Error('b', { cause: call }) }))).toBe(call);
    const endless = new Error('itself');
    endless.cause = endless;
    expect([failedCall(endless), failedCall('text'), failedCall(undefined)]).toEqual([undefined, undefined, undefined]);
  });
});
