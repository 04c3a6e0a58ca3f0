import { Injectable } from '@nestjs/common';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { z } from 'zod';
import { EgressClient } from '../../platform/upstream/egress-client.js';
import { signInSecrets } from '../../platform/upstream/hide-secrets.js';
import { EgressError } from '../../platform/upstream/json-call.js';
import { streamedFetch } from '../../platform/upstream/streamed-fetch.js';
import type { UpstreamCall } from '../../platform/upstream/upstream-call.js';
import { exchange, ExchangeFailedError, type WholeReply } from '../../platform/upstream/whole-exchange.js';
import type { ConnectionTarget } from '../agents/connection-target.js';
import {
  answered,
  failedBy,
  leftEarly,
  refusedWith,
  wronglyAnswered,
  type CallOutcome,
} from '../connections/circuit/call-outcome.js';
import { faultOf, gone, heldBack, unanswered, unreadable, type Refused } from './answer-faults.js';
import { ProviderFault } from './provider-fault.js';

/** One call to the provider of a connection. */
export interface ProviderRequest {
  readonly method: UpstreamCall['method'];
  /** Below the base URL; what stands in it is encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: object;
  readonly form?: { readonly contentType: string; readonly body: UpstreamCall['body'] };
  readonly signal?: AbortSignal | undefined;
}

const maxBytes = 8 * 1024 * 1024;
const longestMs = 60_000;

/**
 * Calls about files and jobs, which are the platform's own: through the egress client, with the connection's login, headers
 * and way, past its circuit. What belongs together at a provider was made with one of its tokens: of several the first one signs
 * in for all of them.
 */
@Injectable()
export class ProviderClient {
  constructor(private readonly egress: EgressClient) {}

  /**
   * The answer, read.
   * @param told cleans what a refusal says.
   * @throws ProviderFault; AppError for a connection that cannot be used; the signal's reason.
   */
  async ask<S extends z.ZodType>(
    connection: ConnectionTarget,
    call: ProviderRequest,
    schema: S,
    told: Refused,
  ): Promise<z.output<S>> {
    const passage = connection.circuit.enter();
    if (passage.refused !== undefined) throw heldBack(passage.waitMs);
    let outcome: CallOutcome = leftEarly;
    try {
      const { reply, signIn } = await this.signedIn(connection, call);
      outcome = refusedWith(reply.status, true);
      if (reply.status >= 400) throw faultOf(reply, { ...told, secrets: [...connection.secretTexts, ...signInSecrets(signIn)] });
      const read = schema.safeParse(reply.body);
      outcome = read.success && reply.status < 300 ? answered : wronglyAnswered;
      if (!read.success || reply.status >= 300) throw unreadable(`status ${reply.status}`);
      return read.data;
    } catch (error) {
      if (!(error instanceof ExchangeFailedError)) throw error;
      outcome = failedBy(error.failure.kind);
      throw unanswered(error.failure);
    } finally {
      passage.end(outcome);
    }
  }

  /** What stands at a path, at the pace of its reader. @throws ProviderFault. */
  async content(connection: ConnectionTarget, path: string, signal: AbortSignal): Promise<Readable> {
    const passage = connection.circuit.enter();
    if (passage.refused !== undefined) throw heldBack(passage.waitMs);
    let outcome: CallOutcome = leftEarly;
    try {
      const headers = this.headersOf(connection, await signInOf(connection), '*/*');
      const address = connection.origin + connection.placeOf(path);
      const fetch = streamedFetch(this.egress, { way: connection.way });
      const reply = await fetch(address, { headers: pairsOf(headers), signal });
      outcome = refusedWith(reply.status, true);
      if (reply.ok && reply.body !== null) return Readable.fromWeb(reply.body as ReadableStream);
      await reply.body?.cancel();
      throw reply.status === 404 ? gone() : unreadable(`status ${reply.status}`);
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      throw new ProviderFault('away', false, 'The provider could not be reached.', { cause: error });
    } finally {
      passage.end(outcome);
    }
  }

  /** One call; where a renewed login may help after a 401 and the body can be sent again, two. */
  private async signedIn(
    connection: ConnectionTarget,
    call: ProviderRequest,
  ): Promise<{ readonly reply: WholeReply; readonly signIn: readonly string[] }> {
    const signIn = await signInOf(connection);
    const reply = await this.once(connection, call, signIn);
    if (reply.status !== 401 || call.form !== undefined) return { reply, signIn };
    const other = await connection.login?.insteadOf(signIn);
    if (other === undefined) return { reply, signIn };
    return { reply: await this.once(connection, call, other), signIn: other };
  }

  private once(connection: ConnectionTarget, call: ProviderRequest, signIn: readonly string[]): Promise<WholeReply> {
    const { method, path, query = {}, json, form, signal } = call;
    const headers = this.headersOf(connection, signIn, 'application/json');
    if (json !== undefined) headers.push('content-type', 'application/json');
    if (form !== undefined) headers.push('content-type', form.contentType);
    const body = form?.body ?? (json === undefined ? null : Buffer.from(JSON.stringify(json)));
    const request = { origin: connection.origin, path: withQuery(connection.placeOf(path), query), method, headers, body };
    // A file takes as long as it takes: the limits of every call hold for it, which wait for the provider alone.
    const limit = form === undefined ? [AbortSignal.timeout(longestMs)] : [];
    const signals = AbortSignal.any([...(signal === undefined ? [] : [signal]), ...limit]);
    return exchange(this.egress, { ...request, way: connection.way }, maxBytes, signals).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'TimeoutError')
        throw new ExchangeFailedError({ kind: 'timeout_total', sent: true, cause: error });
      throw error;
    });
  }

  private headersOf({ wireHeaders, staticHeaders }: ConnectionTarget, signIn: readonly string[], accept: string): string[] {
    const own = ['accept', accept, 'accept-encoding', 'identity', 'user-agent', 'gt-api'];
    return [...own, ...wireHeaders, ...staticHeaders, ...signIn];
  }
}

async function signInOf({ login, tokens }: ConnectionTarget): Promise<readonly string[]> {
  return login === null ? (tokens?.tokens[0]?.header ?? []) : login.get();
}

function pairsOf(headers: readonly string[]): [string, string][] {
  return headers.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, headers[at + 1] ?? '']] : []));
}

function withQuery(place: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  if (text === '') return place;
  return `${place}${place.includes('?') ? '&' : '?'}${text}`;
}
