import { createHash, type BinaryLike } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { choosingHeaders } from '../../contracts/choosing-headers.js';

/** What of a request's head says which request it is. */
export interface RequestHead {
  readonly method: string;
  /** The row of the route table. */
  readonly routeId: string;
  /** The path's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Path and query in any spelling; only the query is read. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** An upload as far as it says which request it is; the bytes of its files are known by their hashes. */
export interface MultipartParts {
  /** By name; of a repeated one the list of its values. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: readonly UploadedPart[];
}

export interface UploadedPart {
  readonly field: string;
  readonly filename: string;
  /** In hex. */
  readonly sha256: string;
}

/** The head of a request of the data plane. */
export function requestHead(request: FastifyRequest): RequestHead {
  const { method, url, headers } = request;
  return {
    method,
    routeId: request.routeOptions.config.gtRoute ?? '',
    params: request.params as Record<string, string>,
    url,
    headers,
  };
}

/** Hash of a request with these bytes as its body: SHA-256 in hex. The order of the query's names does not count. */
export function bodyRequestHash(head: RequestHead, body: Uint8Array): string {
  return digest(headText(head), body);
}

/** The same for an upload. The boundary and the order of its parts do not count, that of repeated names does. */
export function multipartRequestHash(head: RequestHead, { fields, files }: MultipartParts): string {
  const namedFiles = files.map(({ field, filename, sha256 }) => [field, filename, sha256] as const);
  return digest(headText(head), JSON.stringify([byName(Object.entries(fields)), byName(namedFiles)]));
}

function headText({ method, routeId, params, url, headers }: RequestHead): string {
  const queryStart = url.indexOf('?');
  const query = queryStart === -1 ? [] : [...new URLSearchParams(url.slice(queryStart + 1))];
  const choices = choosingHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const]));
  return JSON.stringify([method, routeId, byName(Object.entries(params)), byName(query), choices]);
}

/** A line break never stands in the JSON of the head, so no head runs into a body. */
function digest(head: string, body: BinaryLike): string {
  return createHash('sha256').update(head).update('\n').update(body).digest('hex');
}

/** Sorted by name; entries of one name keep their order. */
function byName<T extends readonly [string, ...unknown[]]>(entries: readonly T[]): T[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
