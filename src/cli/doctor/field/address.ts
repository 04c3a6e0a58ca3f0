import { found, well, type Check } from '../check.js';
import { isLoopback, spelledBaseUrl, withScheme } from './base-url.js';
import { call, type Line, type Reply } from './http-call.js';
import { speaksNoTls, unanswered, wasDropped } from './no-connection.js';
import { isOwn, jsonOf, ownError, strangerText } from './whose-reply.js';

/** What was found at the base URL. */
export interface Address {
  readonly checks: readonly Check[];
  /** A base URL at which the platform answers; undefined when there is none. */
  readonly baseUrl?: string;
  /** The answers by which it was found. */
  readonly replies: readonly Reply[];
}

const check = 'base URL';

/** Finds the platform at the base URL, or near it; the key is not sent for that. */
export async function findAddress(line: Line, given: string): Promise<Address> {
  const reached = await reach(line, given);
  if ('check' in reached) return { checks: [reached], replies: [] };
  const { url, findings } = reached;
  const spelled = spelledBaseUrl(url);
  // Behind a route another one may be read as its parameter, so such an address is not tried as a base URL.
  const places = spelled.form === 'with-route' ? spelled.candidates : [spelled.given, ...spelled.candidates];
  for (const candidate of new Set(places)) {
    const isAsGiven = candidate === spelled.given;
    const reply = isAsGiven ? reached.reply : await call(line, { url: candidate }).catch(() => undefined);
    const index = reply === undefined ? undefined : await platformAt(line, candidate, reply);
    if (reply === undefined || index === undefined) continue;
    const judged = [
      ...findings,
      ...publicScheme(candidate, index.publicUrl, findings),
      ...formFindings(spelled, isAsGiven, candidate),
    ];
    const checks = judged.length > 0 ? judged : [well(check, `${candidate} is the platform.`)];
    return { checks, baseUrl: candidate, replies: [reply] };
  }
  return { checks: [...findings, nobody(reached.reply)], replies: [] };
}

interface Reached {
  /** With the scheme and the host at which there was an answer. */
  readonly url: string;
  readonly reply: Reply;
  readonly findings: readonly Check[];
}

/** Gets any answer at all, by the other scheme where the given one is wrong. */
async function reach(line: Line, given: string): Promise<Reached | Check> {
  const url = spelledBaseUrl(given).given;
  const isPlain = url.startsWith('http:');
  let reply: Reply;
  try {
    reply = await call(line, { url });
  } catch (error) {
    return (await otherScheme(line, url, error)) ?? unanswered(check, error);
  }
  if (isPlain && /plain HTTP request was sent to HTTPS port/i.test(reply.text))
    return (await otherScheme(line, url)) ?? found(check, 'http-instead-of-https', strangerText(reply));
  const { location } = reply.headers;
  if (reply.status < 300 || reply.status > 399 || location === undefined) return { url, reply, findings: [] };
  return redirected(line, url, location);
}

async function redirected(line: Line, url: string, location: string): Promise<Reached | Check> {
  const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
  const from = new URL(url);
  if (target === undefined || target.hostname !== from.hostname)
    return found(check, 'redirected', `It leads to ${target?.origin ?? location}.`);
  const right = target.origin + from.pathname;
  const isScheme = from.protocol === 'http:' && target.protocol === 'https:';
  if (!isScheme) return found(check, 'not-the-platform', `It redirects to ${target.href}.`);
  const finding = found(check, 'http-instead-of-https', `The server redirects to ${right}.`);
  try {
    return { url: right, reply: await call(line, { url: right }), findings: [finding] };
  } catch (error) {
    return found(
      check,
      'http-instead-of-https',
      `The server redirects to ${right}, where there is no answer: ${unanswered(check, error).detail}`,
    );
  }
}

/** The same place by the other scheme, when what happened looks like the wrong one. */
async function otherScheme(line: Line, url: string, error?: unknown): Promise<Reached | Check | undefined> {
  const isPlain = url.startsWith('http:');
  if (error !== undefined && !(isPlain ? wasDropped(error) : speaksNoTls(error))) return undefined;
  const right = withScheme(url, isPlain ? 'https' : 'http');
  try {
    const reply = await call(line, { url: right });
    const finding = found(check, isPlain ? 'http-instead-of-https' : 'https-instead-of-http', `${right} answers.`);
    // Who wants https gets no key sent in the clear over a network.
    return isPlain || isLoopback(url) ? { url: right, reply, findings: [finding] } : finding;
  } catch {
    return undefined;
  }
}

/** Whether the platform is at a base URL, and what it calls itself there. */
async function platformAt(line: Line, url: string, reply: Reply): Promise<{ readonly publicUrl: string | null } | undefined> {
  const body = jsonOf(reply) as { readonly object?: unknown; readonly base_url?: unknown } | undefined | null;
  if (reply.status === 200 && body?.object === 'api' && typeof body.base_url === 'string') return { publicUrl: body.base_url };
  // A proxy may pass on the routes alone. Without a key they are refused, by the platform itself.
  const route = await call(line, { url: `${url}/key` }).catch(() => undefined);
  const isThere = route !== undefined && ownError(route)?.row === 'missing_api_key';
  return isThere ? { publicUrl: null } : undefined;
}

function formFindings({ form, given }: ReturnType<typeof spelledBaseUrl>, works: boolean, right: string): Check[] {
  const seen = works
    ? `${given} works all the same; the right one is ${spelledBaseUrl(given).candidates[0]}.`
    : `The right one is ${right}.`;
  const severity = works ? 'warning' : 'fault';
  switch (form) {
    case 'right':
      return [];
    case 'without-v1':
      return [found(check, 'base-url-without-v1', seen, severity)];
    case 'doubled-v1':
      return [found(check, 'base-url-doubled-v1', seen, severity)];
    case 'with-route':
      return works ? [] : [found(check, 'base-url-with-route', seen)];
    default:
      return works ? [] : [found(check, 'base-url-without-api-tenant', seen)];
  }
}

/** http that works, where the platform says that clients come by https. */
function publicScheme(url: string, publicUrl: string | null, findings: readonly Check[]): Check[] {
  if (findings.length > 0 || !url.startsWith('http:') || publicUrl?.startsWith('https:') !== true || isLoopback(publicUrl))
    return [];
  return [found(check, 'http-instead-of-https', `It works, and the platform calls itself ${publicUrl}.`, 'warning')];
}

function nobody(reply: Reply): Check {
  if (!isOwn(reply)) return found(check, 'not-the-platform', strangerText(reply));
  return found(
    check,
    'not-the-platform',
    `The platform answers, but not under /api/tenant/v1: ${ownError(reply)?.message ?? ''}`,
  );
}
