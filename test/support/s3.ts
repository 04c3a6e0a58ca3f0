import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runFolder } from './postgres.js';
import { until } from './until.js';

/** What a test lets happen to a request instead of its answer. */
/** `hang`: the request is taken and never answered. */
export type S3Fault = 'answer 500' | 'answer 501' | 'cut' | 'cut after' | 'hang' | undefined;

export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Method, path and query of every request so far. */
  readonly requests: string[];
  /** Ids of the multipart uploads that were begun and neither completed nor aborted. */
  openUploads(): Promise<string[]>;
  /** Asked before each request; `cut after` lets it happen and loses the answer. */
  fault: (request: string) => S3Fault;
  /** What the list of multipart uploads says of when they were begun. */
  uploadsBegunAt: Date;
  close(): Promise<void>;
}

interface StoredObject {
  readonly bucket: string;
  readonly key: string;
}

interface Store {
  getObject(bucket: string, key: string, options: { start?: number; end?: number | object }): Promise<unknown>;
  putObject(object: StoredObject): Promise<{ size: number }>;
  putPart(bucket: string, uploadId: string, partNumber: string, content: unknown): Promise<{ size: number }>;
  getResourcePath(bucket: string, key: string | undefined, resource: string): string;
}

interface S3rver {
  readonly store: Store;
  configureBuckets(): Promise<unknown>;
  callback(): RequestListener;
}

const S3rverClass = createRequire(import.meta.url)('s3rver') as new (options: object) => S3rver;
const bucket = 'gt-test';

/**
 * A real S3 server (s3rver) on a free port of 127.0.0.1, with what it lacks: the end and the list of multipart uploads,
 * answers that wait until the bytes are in the file, and ranges that end at byte 0.
 */
export async function startS3(): Promise<S3Server> {
  const directory = await mkdtemp(join(runFolder(), 's3-'));
  const s3 = new S3rverClass({ silent: true, directory, vhostBuckets: false, configureBuckets: [{ name: bucket }] });
  await s3.configureBuckets();
  mend(s3.store);
  const uploadsFolder = s3.store.getResourcePath(bucket, undefined, 'uploads');
  const openUploads = (): Promise<string[]> => readdir(uploadsFolder).catch(() => []);
  const answer = s3.callback();
  const claimed = new Map<string, Promise<unknown>>();
  const http = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    server.requests.push(line);
    const fault = server.fault(line);
    if (fault === 'cut') request.socket.destroy();
    else if (fault === 'hang') request.resume();
    else if (fault === 'answer 500' || fault === 'answer 501')
      request.resume().on('end', () => response.writeHead(Number(fault.slice(-3))).end());
    else if (isTaken(request, response, claimed)) void refuseTaken(request, response, claimed);
    else if (isAbort(request)) void abortUpload(uploadsFolder, request, response);
    else if (isUploadList(request)) void listUploads(uploadsFolder, server.uploadsBegunAt, response);
    else if (isBeingMade(request, claimed)) void claimed.get(pathOf(request))?.then(() => answer(request, response));
    else answer(request, fault === 'cut after' ? withoutAnswer(response) : response);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: S3Server = {
    endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    bucket,
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    requests: [],
    openUploads,
    fault: () => undefined,
    uploadsBegunAt: new Date(),
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      // A part whose sender went away may still be written.
      await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
  return server;
}

/** s3rver answers when it has given the bytes to a write stream, not when they are in the file. */
function mend(store: Store): void {
  const { putObject, putPart, getObject } = store;
  const inFile = (path: string, size: number): Promise<true> =>
    until('the bytes are in the file', async () => (await stat(path)).size === size || undefined);
  store.putObject = async (object) => {
    const stored = await putObject.call(store, object);
    await inFile(store.getResourcePath(object.bucket, object.key, 'object'), stored.size);
    return stored;
  };
  store.putPart = async (name, uploadId, partNumber, content) => {
    const stored = await putPart.call(store, name, uploadId, partNumber, content);
    await inFile(join(store.getResourcePath(name, undefined, 'uploads'), uploadId, partNumber), stored.size);
    return stored;
  };
  // It takes an end of 0 for none; a boxed 0 is true and counts as 0.
  store.getObject = (name, key, options) =>
    getObject.call(store, name, key, options.end === 0 ? { ...options, end: Object(0) as object } : options);
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL(request.url ?? '/', 'http://s3').searchParams;
}

/** A put that is to make a new object, and is not the first of its path. */
function isTaken(request: IncomingMessage, response: ServerResponse, claimed: Map<string, Promise<unknown>>): boolean {
  const { method, headers } = request;
  if (method !== 'PUT' || headers['if-none-match'] !== '*') return false;
  const path = pathOf(request);
  if (claimed.has(path)) return true;
  claimed.set(path, once(response, 'finish'));
  return false;
}

/** A reader sees an object that is being made whole or not at all. */
function isBeingMade(request: IncomingMessage, claimed: Map<string, Promise<unknown>>): boolean {
  return request.method === 'GET' && claimed.has(pathOf(request));
}

function pathOf(request: IncomingMessage): string {
  return new URL(request.url ?? '/', 'http://s3').pathname;
}

/** Says so once the first one is there: a put is done in one step for all who look. */
async function refuseTaken(
  request: IncomingMessage,
  response: ServerResponse,
  claimed: Map<string, Promise<unknown>>,
): Promise<void> {
  request.resume();
  await claimed.get(pathOf(request));
  response.writeHead(412).end();
}

function isAbort(request: IncomingMessage): boolean {
  return request.method === 'DELETE' && queryOf(request).has('uploadId');
}

function isUploadList(request: IncomingMessage): boolean {
  return request.method === 'GET' && queryOf(request).has('uploads');
}

async function abortUpload(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await rm(join(folder, queryOf(request).get('uploadId') ?? 'none'), { recursive: true, force: true, maxRetries: 10 });
  response.writeHead(204).end();
}

async function listUploads(folder: string, begunAt: Date, response: ServerResponse): Promise<void> {
  const uploads = await Promise.all(
    (await readdir(folder).catch(() => [])).map(async (id) => {
      const key = await readFile(join(folder, id, 'key'), 'utf8');
      return `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${begunAt.toISOString()}</Initiated></Upload>`;
    }),
  );
  response.setHeader('content-type', 'application/xml');
  response.end(
    `<?xml version="1.0"?><ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${uploads.join('')}</ListMultipartUploadsResult>`,
  );
}

/** Lets the server do its work and cuts the connection in place of the answer. */
function withoutAnswer(response: ServerResponse): ServerResponse {
  response.end = (() => {
    response.socket?.destroy();
    return response;
  }) as ServerResponse['end'];
  return response;
}
