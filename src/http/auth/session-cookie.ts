import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { longestMs } from '../../modules/sessions/session-times.js';
import { tripSeconds } from '../../modules/sign-in/oidc/trip-seconds.js';
import { isCalledByHttps } from '../routing/public-origin.js';

type PublicAddress = Parameters<typeof isCalledByHttps>[1];

/** The cookies of the admin plane: who is signed in, and who is on the way to the tenant's own sign-in. */
const cookies = {
  session: { name: 'gt_session', seconds: longestMs / 1000, form: /^gtss_[0-9A-Za-z]{43}$/ },
  oidc: { name: 'gt_oidc', seconds: tripSeconds, form: /^[\w-]{1,3000}$/ },
} as const;

type CookieKind = keyof typeof cookies;

/** What the request's cookie of this kind holds; undefined where there is none of its form. */
export function cookieOf(request: FastifyRequest, config: PublicAddress, kind: CookieKind): string | undefined {
  const { cookie } = request.headers;
  if (cookie === undefined) return undefined;
  const value = parseCookie(cookie)[nameOf(request, config, kind)];
  return value !== undefined && cookies[kind].form.test(value) ? value : undefined;
}

/** Gives the client a cookie. Scripts cannot read it, and no other site's request has it. @param value null takes it away. */
export function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  config: PublicAddress,
  kind: CookieKind,
  value: string | null,
): void {
  const cookie = {
    name: nameOf(request, config, kind),
    value: value ?? '',
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: isCalledByHttps(request, config),
    maxAge: value === null ? 0 : cookies[kind].seconds,
  } as const;
  reply.header('set-cookie', stringifySetCookie(cookie));
}

/** A browser takes a name with `__Host-` only with `Secure`, for this host alone and from no neighbour of it. */
function nameOf(request: FastifyRequest, config: PublicAddress, kind: CookieKind): string {
  const { name } = cookies[kind];
  return isCalledByHttps(request, config) ? `__Host-${name}` : name;
}
