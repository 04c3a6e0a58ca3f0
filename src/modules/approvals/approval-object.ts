import type { ApprovalObject, HeldCallObject } from '../../contracts/approvals.js';
import { secondsOrNull, toUnixSeconds } from '../../contracts/times.js';
import { hasResult, statusOf, type ApprovalRecord } from './approval-record.js';

/** A held call as those see it who decide. It stands here because events tell of it too. */
export function heldCallOf(record: ApprovalRecord): HeldCallObject {
  return {
    ...members(record),
    key: record.keyId,
    method: record.method,
    path: record.path,
    model: record.model,
    body_bytes: record.bodyBytes,
    decided_by: record.decidedBy,
    result:
      record.status === null
        ? null
        : {
            status: record.status,
            bytes: record.resultBytes,
            kept_until: hasResult(record) ? secondsOrNull(record.keptUntil) : null,
            request_id: record.requestId,
          },
  };
}

/** The same as the asking key sees it. @param url where the approval itself is. */
export function approvalOf(record: ApprovalRecord, url: string): ApprovalObject {
  return { ...members(record), result_url: hasResult(record) ? `${url}/result` : null };
}

function members(record: ApprovalRecord) {
  return {
    object: 'approval' as const,
    id: record.id,
    status: statusOf(record),
    route: record.route,
    request_sha256: record.bodySha256,
    created_at: toUnixSeconds(record.createdAt),
    expires_at: toUnixSeconds(record.expiresAt),
    decided_at: secondsOrNull(record.decidedAt),
    reason: record.reason,
  };
}
