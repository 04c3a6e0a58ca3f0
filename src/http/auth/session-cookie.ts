import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { longestMs } from '../../modules/sessions/session-times.js';
import { isCalledByHttps } from '../routing/public-origin.js';

type PublicAddress = Parameters<typeof isCalledByHttps>[1];

/** A browser takes the first name only with `Secure`, for this host alone and from no neighbour of it. */
const names = { https: '__Host-gt_session', http: 'gt_session' } as const;

const secretForm = /^gtss_[0-9A-Za-z]{43}$/;

/** The secret of the session that the request's cookie names; undefined where it names none. */
export function sessionSecretOf(request: FastifyRequest, config: PublicAddress): string | undefined {
  const { cookie } = request.headers;
  if (cookie === undefined) return undefined;
  const secret = parseCookie(cookie)[nameOf(request, config)];
  return secret !== undefined && secretForm.test(secret) ? secret : undefined;
}

/** Gives the client its session. Scripts cannot read it, and no other site's request has it. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, config: PublicAddress, secret: string): void {
  setCookie(request, reply, config, secret, longestMs / 1000);
}

/** Takes it from the client again. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply, config: PublicAddress): void {
  setCookie(request, reply, config, '', 0);
}

function setCookie(request: FastifyRequest, reply: FastifyReply, config: PublicAddress, value: string, maxAge: number): void {
  const secure = isCalledByHttps(request, config);
  const cookie = { name: nameOf(request, config), value, path: '/', httpOnly: true, sameSite: 'strict', secure, maxAge } as const;
  reply.header('set-cookie', stringifySetCookie(cookie));
}

function nameOf(request: FastifyRequest, config: PublicAddress): string {
  return isCalledByHttps(request, config) ? names.https : names.http;
}
