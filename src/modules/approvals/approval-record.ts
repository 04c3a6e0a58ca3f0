import { hash } from 'node:crypto';
import type { ApprovalStatus } from '../../contracts/approvals.js';
import type { Approval } from '../../platform/database/generated/client.js';
import type { SealContext } from '../../platform/secrets/key-ring.js';

/** A held call as it stands, without its sealed head. */
export type ApprovalRecord = Omit<Approval, 'head' | 'updatedAt'>;

/** Which one. */
export interface ApprovalPlace {
  readonly tenantId: string;
  readonly id: string;
}

/** The run that makes an approved call. What it writes names it. */
export interface ApprovalClaim extends ApprovalPlace {
  readonly owner: string;
}

/** What of a held request is neither its body nor told to anybody, beside those who decide. */
export interface HeldHead {
  /** Path and query as they were sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The address of the asker, in its normal form. */
  readonly ip: string;
}

/** What of an answer is kept. */
export interface CallAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A run has lost its call: somebody else has it, or nobody any more. It writes nothing further. */
export class LostApprovalError extends Error {
  override readonly name = 'LostApprovalError';
}

/** A run that has said nothing for so long has died. */
export const deadSeconds = 10;

/** How long a result is kept, and how long a repeat under the same Idempotency-Key is told of a rejection, in milliseconds. */
export const keptMs = 24 * 60 * 60 * 1000;

/** Larger answers end as an error. */
export const mostResultBytes = 64 * 1024 * 1024;

/** So many bytes of requests and results of a tenant are stored: beyond that nothing new is held, and no approved call begins to run. */
export const mostBytesOfTenant = 1024 * 1024 * 1024;

/** How far a call is by now: one that was not decided, or not run, in time has expired, whether or not that is written down. */
export function statusOf({ state, expiresAt }: Pick<ApprovalRecord, 'state' | 'expiresAt'>, now = Date.now()): ApprovalStatus {
  if (state === 'running') return 'approved';
  if ((state === 'pending' || state === 'approved') && expiresAt.getTime() <= now) return 'expired';
  return state as ApprovalStatus;
}

/** True as long as the result of a call can be fetched. */
export function hasResult({ state, keptUntil }: Pick<ApprovalRecord, 'state' | 'keptUntil'>, now = Date.now()): boolean {
  return state === 'completed' && keptUntil !== null && keptUntil.getTime() > now;
}

/** What of an answer's headers is kept: all else each reply has of its own. */
const keptHeaders = ['content-type', 'content-disposition', 'x-gt-conversation-id', 'x-gt-image-form'] as const;

/** The headers that are kept of an answer's, names in lower case. */
export function keptOf(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const kept = keptHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])] as const]));
  return Object.fromEntries(kept);
}

/** Under which key a call's answer is kept for repeats: the request's own, or one that no header can hold, since it has a blank. */
export function idempotencyIdOf({ id, idempotencyId }: Pick<ApprovalRecord, 'id' | 'idempotencyId'>): string {
  return idempotencyId ?? hash('sha256', `approval ${id}`, 'hex');
}

/** Sealed pieces open only as what they are: of this call, at this place. */
export function sealOf({ tenantId, id }: ApprovalPlace, what: string): SealContext {
  return { tenantId, recordId: `approval/${id}/${what}` };
}
