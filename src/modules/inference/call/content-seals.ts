import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { Fields } from '../../../kernel/fields.js';
import { KeyRing } from '../../../platform/secrets/key-ring.js';
import { printExact, readExact } from '../wire/exact-json.js';
import type { ChosenEndpoint } from './endpoint-choice.js';

/** What stands before everything that is sealed here; no provider's own encrypted content begins like this. */
const prefix = 'gt1.';
const fingerprintBytes = 16;
const headBytes = 2 * fingerprintBytes;

/**
 * What a client must bring back: what a model has thought, a summary that stands for a conversation, or the provider's name
 * of a container or of a file.
 */
export type SealedKind = 'reasoning' | 'compaction' | 'container' | 'file';

/**
 * What was found under a seal. `left`: it is the platform's, of this endpoint, and of a model that it led to before.
 * `foreign`: it is another tenant's or endpoint's, was altered, or is not the platform's at all.
 */
export type OpenedContent = { readonly state: 'open'; readonly content: Fields } | { readonly state: 'left' | 'foreign' };

/** The seals of one endpoint and the model that it leads to now, for one request. */
export interface EndpointSeals {
  /** The connection and the model, as one word that names neither. */
  readonly origin: string;
  /** Content for the client, as one text that nobody else can read or change. */
  seal(kind: SealedKind, content: Fields): string;
  /** What is under a seal; each time an object of its own. The seal itself is opened once, however often it is asked for. */
  open(kind: SealedKind, text: string): OpenedContent;
  /** What `open` finds, without reading it. */
  judge(kind: SealedKind, text: string): OpenedContent['state'];
  /** True for a seal that was opened before, for which `judge` costs nothing. */
  isKnown(kind: SealedKind, text: string): boolean;
}

/** What was found under a seal, in its bytes where it is open. */
type Unsealed = Buffer | 'left' | 'foreign';

/**
 * Seals what must come back to the platform through its client. Tenant, connection and model are bound into each seal, so
 * that it opens only where it was made. The text is `gt1.` and base64url of two fingerprints (of connection and model, of
 * the endpoint) and of what the key ring has sealed.
 */
@Injectable()
export class ContentSeals {
  /** What each request has had opened, by its endpoint and model, and by kind and text. */
  private readonly found = new WeakMap<object, Map<string, Map<string, Unsealed>>>();

  constructor(private readonly ring: KeyRing) {}

  /** @param request what stands for the request as long as it is under way, also where it is read anew. */
  of(tenantId: string, { endpoint, target }: Pick<ChosenEndpoint, 'endpoint' | 'target'>, request: object): EndpointSeals {
    const { ring } = this;
    const here = fingerprint(target.connection.id, target.model);
    const head = Buffer.concat([here, fingerprint(endpoint.id)]);
    const context = (kind: SealedKind, of: Buffer) => ({ tenantId, recordId: `content:${kind}:${of.toString('hex')}` });
    const found = this.foundFor(request, `${tenantId} ${head.toString('hex')}`);
    const unsealed = (kind: SealedKind, text: string): Unsealed => {
      const bytes = sealedBytes(text);
      if (bytes === undefined) return 'foreign';
      const ofText = bytes.subarray(0, headBytes);
      const isHere = ofText.subarray(0, fingerprintBytes).equals(here);
      // What another endpoint has from the same model is as good here.
      if (!isHere && !ofText.subarray(fingerprintBytes).equals(head.subarray(fingerprintBytes))) return 'foreign';
      const content = opened(ring, bytes.subarray(headBytes), context(kind, ofText));
      return content === undefined || isHere ? (content ?? 'foreign') : 'left';
    };
    const find = (kind: SealedKind, text: string): Unsealed => {
      const key = `${kind} ${text}`;
      let known = found.get(key);
      if (known === undefined) {
        known = unsealed(kind, text);
        found.set(key, known);
      }
      return known;
    };
    return {
      origin: here.toString('hex'),
      seal(kind, content) {
        const sealed = ring.sealBytes(Buffer.from(printExact(content)), context(kind, head));
        return prefix + Buffer.concat([head, sealed]).toString('base64url');
      },
      open(kind, text) {
        const known = find(kind, text);
        return Buffer.isBuffer(known) ? { state: 'open', content: contentOf(known) } : { state: known };
      },
      judge(kind, text) {
        const known = find(kind, text);
        return Buffer.isBuffer(known) ? 'open' : known;
      },
      isKnown: (kind, text) => found.has(`${kind} ${text}`),
    };
  }

  private foundFor(request: object, of: string): Map<string, Unsealed> {
    let all = this.found.get(request);
    if (all === undefined) this.found.set(request, (all = new Map()));
    let found = all.get(of);
    if (found === undefined) all.set(of, (found = new Map()));
    return found;
  }
}

/** True for a text that says to be sealed by the platform, whether it is or not. */
export function isPlatformSealed(text: unknown): boolean {
  return typeof text === 'string' && text.startsWith(prefix);
}

/** False for a JSON text in which nothing is that the platform has sealed. */
export function mayHoldSeal(json: string): boolean {
  return json.includes(prefix);
}

/** The bytes of a sealed text. Other spellings of the same bytes are no seal. */
function sealedBytes(text: string): Buffer | undefined {
  if (!isPlatformSealed(text)) return undefined;
  const bytes = Buffer.from(text.slice(prefix.length), 'base64url');
  return bytes.length > headBytes && prefix + bytes.toString('base64url') === text ? bytes : undefined;
}

function opened(ring: KeyRing, sealed: Buffer, context: { tenantId: string; recordId: string }): Buffer | undefined {
  try {
    return ring.openBytes(sealed, context);
  } catch {
    return undefined;
  }
}

/** What the platform has sealed: nobody else can have made it, so it is an object. */
function contentOf(bytes: Buffer): Fields {
  const plain = JSON.parse(bytes.toString('utf8')) as Fields;
  return readExact(bytes, plain) as Fields;
}

function fingerprint(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(parts.join('\n')).digest().subarray(0, fingerprintBytes);
}
