import type { FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.js';

const single = new Set([
  'host',
  'authorization',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'expect',
  'idempotency-key',
  'x-gt-conversation-id',
]);
const hostForm = /^(?:[A-Za-z0-9._~-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * Refuses what could be read in two ways: headers that stand twice and may not, no Host or a malformed one (told by a proxy too), an
 * expectation that this server cannot meet, a transfer coding that it cannot read.
 */
export function refuseHeaders(request: FastifyRequest): AppError | undefined {
  const { rawHeaders, headers } = request.raw;
  // With as many names as headers none stands twice.
  const doubled = Object.keys(headers).length * 2 === rawHeaders.length ? undefined : doubledHeader(rawHeaders);
  return doubled ?? wrongHost(request) ?? wrongExpectation(headers.expect) ?? wrongCoding(headers['transfer-encoding']);
}

function doubledHeader(raw: readonly string[]): AppError | undefined {
  let seen = '';
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (name.length < 4) continue;
    const lower = name.toLowerCase();
    if (!single.has(lower)) continue;
    if (seen.includes(`${lower},`)) return invalid(`The header ${lower} stands more than once in the request.`);
    seen += `${lower},`;
  }
  return undefined;
}

/** HTTP/1.0 knows no Host; later versions must say one. What a trusted proxy tells in its place has the same form. */
function wrongHost(request: FastifyRequest): AppError | undefined {
  const { headers, httpVersion } = request.raw;
  const { host } = headers;
  if (host === undefined && httpVersion !== '1.0') return invalid('The header host is missing.');
  if (host !== undefined && !hostForm.test(host)) return invalid('The header host is not the name or address of a host.');
  const told = request.host;
  if (told === (host ?? '') || hostForm.test(told)) return undefined;
  return invalid('The header x-forwarded-host is not the name or address of a host.');
}

function wrongExpectation(expected: string | undefined): AppError | undefined {
  if (expected === undefined || expected.toLowerCase() === '100-continue') return undefined;
  return invalid('The only expectation that this server meets is 100-continue.');
}

function wrongCoding(coding: string | undefined): AppError | undefined {
  if (coding === undefined || coding.toLowerCase() === 'chunked') return undefined;
  return invalid('The only Transfer-Encoding that this server reads is chunked.');
}

function invalid(message: string): AppError {
  return new AppError('invalid_request', { message });
}
