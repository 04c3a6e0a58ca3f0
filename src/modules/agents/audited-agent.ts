import { createHash } from 'node:crypto';
import type { AuditedFields } from '../audit/before-and-after.js';
import type { AgentRecord } from './agents.repository.js';

/** Instructions up to this length stand in the audit as they are. */
const mostCharacters = 4_000;

/** An agent's draft in the words of its requests, as the audit shows it. */
export function auditedAgent({ name, spec: { instructions, ...rest } }: AgentRecord): AuditedFields {
  return { name, ...rest, ...auditedInstructions(instructions) };
}

/** Of long ones the audit says which they were: revisions hold them whole. */
function auditedInstructions(text: string | undefined): AuditedFields {
  if (text === undefined) return {};
  if (text.length <= mostCharacters) return { instructions: text };
  return {
    instructions_characters: text.length,
    instructions_sha256: createHash('sha256').update(text).digest('hex'),
  };
}
