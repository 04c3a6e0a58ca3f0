import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { factsOfWire } from '../../contracts/wires.js';
import { EgressClient } from '../upstream/egress-client.js';
import { EgressError } from '../upstream/json-call.js';
import { streamedFetch } from '../upstream/streamed-fetch.js';
import type { UpstreamCall, UpstreamHandle, UpstreamHandler } from '../upstream/upstream-call.js';
import { awsKeysOf } from './aws-keys.js';
import { ModelCall, type ModelOperation } from './model-call.js';
import { modelDrivers, type ModelSource } from './model-drivers.js';
import { UnreadableReply } from './model-fault.js';
import type { NamedFile } from './model-request.js';
import { missingPackage } from './package-missing.js';
import { signedFetch } from './signed-fetch.js';
import { unsupportedFiles } from './supported-files.js';

/** So much may a stream hold of which its package says nothing: one event, as a rule. */
const maxSilentBytes = 16 * 1024 * 1024;

/** Where models are asked. */
export interface ModelPlace {
  /** The connection's wire, which names the package. */
  readonly wire: string;
  readonly baseUrl: string;
}

/** What of a connection says who makes its calls. */
export interface AskedConnection {
  /** The name of its wire, where that has no form of OpenAI's. */
  readonly dialect: string | undefined;
  readonly origin: string;
  /** The path of its base URL. */
  readonly basePath: string;
}

/**
 * Asks models through packages of Vercel's AI SDK, in the way in which `EgressClient` asks providers: the same call, the same
 * handler. The packages make their calls through that client, so its policy and limits hold. The last segment of a call's path
 * is the operation; its body is written as `model-request.ts` says, its headers sign in.
 */
@Injectable()
export class ModelClient {
  constructor(
    private readonly egress: EgressClient,
    private readonly config: Config,
  ) {}

  /** Who makes the calls over a connection: the egress client itself, or a package that calls through it. */
  clientOf({ dialect, origin, basePath }: AskedConnection): Pick<EgressClient, 'dispatch'> {
    if (dialect === undefined || factsOfWire(dialect).package === undefined) return this.egress;
    return this.at({ wire: dialect, baseUrl: `${origin}${basePath}` });
  }

  /** What `dispatch` of the egress client is for a provider of another wire. */
  at(place: ModelPlace): Pick<EgressClient, 'dispatch'> {
    return { dispatch: (call, handler) => this.dispatch(place, call, handler) };
  }

  /** Those of the files that the model's provider does not fetch itself, as its package says; nothing is sent. */
  async unfetched<File extends NamedFile>(
    { wire, baseUrl }: ModelPlace,
    model: string,
    files: readonly File[],
  ): Promise<readonly File[]> {
    const source = await driverOf(wire)({ baseUrl, token: '', fetch: () => Promise.reject(new Error('Nothing is sent.')) });
    return unsupportedFiles(source.language(model), files);
  }

  private dispatch(place: ModelPlace, call: UpstreamCall, handler: UpstreamHandler): UpstreamHandle {
    const { path, headers, body, origin, way, tenantId } = call;
    if (!Buffer.isBuffer(body)) throw new Error('A model is asked with JSON.');
    const operation = path.slice(path.lastIndexOf('/') + 1) as ModelOperation;
    let silent = 0;
    const limit = operation === 'stream' ? maxSilentBytes : this.config.GT_MAX_UPSTREAM_BYTES;
    const fetch = streamedFetch(this.egress, {
      way,
      tenantId,
      onBytes: (count) => {
        silent += count;
        if (silent > limit) throw new UnreadableReply('The reply has too many bytes of which its package says nothing.');
      },
    });
    const running = new ModelCall({
      operation,
      body,
      handler,
      open: () => open(place, origin, namedHeaders(headers), fetch),
      heard: () => {
        silent = 0;
      },
    });
    running.start();
    return running;
  }
}

/** @throws EgressError `refused` where the package is not installed: nothing was sent. */
async function open(
  { wire, baseUrl }: ModelPlace,
  origin: string,
  { 'content-type': _type, accept: _accept, ...headers }: Record<string, string>,
  fetch: typeof globalThis.fetch,
): Promise<ModelSource> {
  const driver = driverOf(wire);
  const token = headers['authorization']?.replace(/^Bearer /, '') ?? '';
  const isSigned = wire === 'sdk:bedrock' && awsKeysOf(token) !== undefined;
  const { authorization: _token, ...unsigned } = headers;
  const sent = isSigned ? unsigned : headers;
  return driver({ baseUrl, token, fetch: signedFetch(fetch, { origin, headers: sent, isSigned }) });
}

/** @throws EgressError `refused` where the package is not installed. */
function driverOf(wire: string): NonNullable<(typeof modelDrivers)[string]> {
  const driver = modelDrivers[wire];
  if (driver === undefined) throw new Error(`No package speaks ${wire}.`);
  const missing = missingPackage(wire);
  if (missing !== undefined) throw new EgressError('refused', false, missing);
  return driver;
}

function namedHeaders(headers: UpstreamCall['headers']): Record<string, string> {
  if (!Array.isArray(headers)) return headers;
  const named: Record<string, string> = {};
  for (let at = 0; at + 1 < headers.length; at += 2) named[(headers[at] as string).toLowerCase()] = headers[at + 1] as string;
  return named;
}
