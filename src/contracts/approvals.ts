import { z } from 'zod';
import { pastedLink } from './links.js';
import { adminListQuery, tenantHint } from './lists.js';
import { createdAt } from './times.js';

/** How far a held call is. `approved` lasts until its run has ended; `completed` has a result, which may be an error. */
export const approvalStatuses = ['pending', 'approved', 'completed', 'rejected', 'expired'] as const;

export type ApprovalStatus = (typeof approvalStatuses)[number];

const members = {
  object: z.literal('approval'),
  id: z.string(),
  status: z
    .enum(approvalStatuses)
    .describe(
      '`approved` until the call has ended; `completed` has a result, which may be an error; `expired` was decided or run too late.',
    ),
  route: z.string().describe('The id of the route that is called.'),
  request_sha256: z.string().describe("The SHA-256 of the request's body in hex: this body is run and no other."),
  created_at: createdAt,
  expires_at: z.number().int().describe('Until when it can be decided, in Unix seconds.'),
  decided_at: z.number().int().nullable().describe('When it was decided, in Unix seconds; null as long as it was not.'),
  reason: z.string().nullable().describe('What was said with the decision; null where nothing was.'),
};

/** A held call as the key that asked sees it. */
export const approvalObject = z
  .object({
    ...members,
    result_url: z.string().nullable().describe('Where the result is, as long as it is kept; null before there is one.'),
  })
  .meta({ id: 'Approval', description: 'A call that is held until somebody approves it.' });

export type ApprovalObject = z.infer<typeof approvalObject>;

/** A held call as those see it who decide, and as webhooks tell it: nothing of its body. */
export const heldCallObject = z
  .object({
    ...members,
    key: z.string().describe('The id of the key that asked.'),
    method: z.string(),
    path: z.string().describe('Without its query.'),
    model: z.string().nullable().describe('The model that the body names; null where it names none.'),
    body_bytes: z.number().int(),
    decided_by: z.string().nullable().describe('Who decided; null as long as nobody has.'),
    result: z
      .object({
        status: z.number().int().describe('The status of HTTP with which the call was answered.'),
        bytes: z.number().int(),
        kept_until: z.number().int().nullable().describe('Until when it can be fetched, in Unix seconds.'),
        request_id: z.string().nullable().describe('The request id under which the call ran; usage and logs have it too.'),
      })
      .nullable()
      .describe('What became of the call; null before it has ended.'),
  })
  .meta({ id: 'HeldCall', description: 'A call that is held until somebody approves it, as those see it who decide.' });

export type HeldCallObject = z.infer<typeof heldCallObject>;

/** The same with what would run. */
export const shownHeldCallObject = heldCallObject
  .extend({
    request: z
      .object({
        query: z.string().describe('The query of the address, without its question mark.'),
        content_type: z.string().nullable(),
        headers: z
          .record(z.string(), z.string())
          .describe('Headers that choose the agent, the model or the conversation. They come before what the body names.'),
        body: z.string().describe('The beginning of the body as text, at most 64 KiB of it.'),
        is_whole: z.boolean().describe('Whether that is all of it.'),
      })
      .nullable()
      .describe('What would run. Null for operators, who see no contents, and once the call has ended.'),
  })
  .meta({ id: 'ShownHeldCall', description: 'A held call with its request.' });

export type ShownHeldCallObject = z.infer<typeof shownHeldCallObject>;

const reason = z.string().trim().min(1).max(1000);

export const approveCallRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    reason: reason.optional().describe('What the asking key is told with it.'),
  })
  .describe('Lets a held call run, once.');

export const rejectCallRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    reason: reason.optional().describe('What the asking key is told.'),
  })
  .describe('Ends a held call without running it.')
  .meta({ examples: [{ reason: 'Not on production data.' }] });

export const linkApprovalRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    member: z.string().min(1).max(254).describe('The owner or manager who decides by it, by id or e-mail address.'),
  })
  .describe('A link by which one member decides on a held call.')
  .meta({ examples: [{ member: 'ada@example.com' }] });

/** A link that was just made: the only time that it is shown. */
export const approvalLinkObject = z
  .object({
    object: z.literal('approval_link'),
    id: z.string(),
    approval: z.string().describe('The id of the held call.'),
    member: z.string().describe('The id of the member who decides by it.'),
    url: z.string().describe('What the member opens. Its token stands behind the #, which browsers send to nobody.'),
    expires_at: z.number().int().describe('When it ends at the latest, in Unix seconds: with the call.'),
  })
  .meta({ id: 'ApprovalLink', description: 'A link by which one member decides on a held call, once, and signed in.' });

export type ApprovalLinkObject = z.infer<typeof approvalLinkObject>;

export const showApprovalLinkRequest = z
  .strictObject({ link: pastedLink })
  .describe('Which link is looked at.')
  .meta({ examples: [{ link: 'gtap_...' }] });

export const decideByLinkRequest = z
  .strictObject({
    link: pastedLink,
    decision: z.enum(['approve', 'reject']).describe('Whether the call runs.'),
    reason: reason.optional().describe('What the asking key is told with it.'),
  })
  .describe('Decides on a held call by a link.')
  .meta({ examples: [{ link: 'gtap_...', decision: 'approve' }] });

export const listApprovalsQuery = adminListQuery
  .extend({
    status: z.enum(approvalStatuses).optional().describe('Only calls of this status.'),
    key: z.string().min(1).max(128).optional().describe('Only calls of this key, by its id or name.'),
  })
  .describe('Which held calls a list shows.');

export type ListApprovalsQuery = z.infer<typeof listApprovalsQuery>;
