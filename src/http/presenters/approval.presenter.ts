import { choosingHeaders } from '../../contracts/choosing-headers.js';
import type { HeldCallObject, ShownHeldCallObject } from '../../contracts/approvals.js';
import { heldCallOf } from '../../modules/approvals/approval-object.js';
import type { ApprovalRecord } from '../../modules/approvals/approval-record.js';
import type { ShownApproval } from '../../modules/approvals/approvals.service.js';

/** A held call as those see it who decide; how is said beside the calls, because events tell of them in the same form. */
export function presentHeldCall(record: ApprovalRecord): HeldCallObject {
  return heldCallOf(record);
}

/** The same with what would run. */
export function presentShownHeldCall({ record, request }: ShownApproval): ShownHeldCallObject {
  if (request === null) return { ...heldCallOf(record), request };
  const { url, contentType, headers, body, isWhole } = request;
  const choices = choosingHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const]));
  const at = url.indexOf('?');
  return {
    ...heldCallOf(record),
    request: {
      query: at === -1 ? '' : url.slice(at + 1),
      content_type: contentType,
      headers: Object.fromEntries(choices),
      body: body.toString('utf8'),
      is_whole: isWhole,
    },
  };
}
