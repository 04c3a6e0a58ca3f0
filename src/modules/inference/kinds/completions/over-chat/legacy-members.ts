import type { AgentSpec } from '../../../../../contracts/agent-spec.js';
import { sentNumber } from '../../../call/sent-number.js';
import { findMember, type JsonBody } from '../../../wire/json-body.js';
import type { Edit } from '../../../wire/json-edit.js';

/** Values that say as little as absence. */
const saysNothing = new Set(['null', 'false', '""', '[]', '{}']);

/** The members of a legacy request as they would go to a provider, with what the agent changes in them. */
export class LegacyMembers {
  constructor(
    readonly body: JsonBody,
    readonly edits: ReadonlyMap<string, Edit>,
    private readonly agent: AgentSpec | null,
  ) {}

  /** True for a member that says something. */
  says(name: string): boolean {
    const edit = this.edits.get(name);
    return edit === undefined ? this.isAsked(name) : edit.op === 'set' && !saysNothing.has(edit.value.toString('utf8'));
  }

  /** True for a member that says something and comes from the client, whom the agent leaves it to. */
  comesFromClient(name: string): boolean {
    return !this.edits.has(name) && this.isAsked(name);
  }

  /** True for a member that is taken out of each request: its provider decides. */
  isTakenOut(name: string): boolean {
    const { agent } = this;
    const isPinnedBare = agent !== null && agent.pinned.includes(name) && !(name in agent.parameters);
    return isPinnedBare || this.edits.get(name)?.op === 'remove';
  }

  /** The number of a member; undefined where it says nothing, NaN for everything else. */
  number(name: string): number | undefined {
    return this.says(name) ? (sentNumber(this.body, this.edits, name) ?? NaN) : undefined;
  }

  private isAsked(name: string): boolean {
    const member = findMember(this.body.scan, name);
    if (member === undefined) return false;
    const { kind, valueStart, valueEnd } = member;
    if (kind === 'null' || kind === 'false') return false;
    return kind === 'number' || kind === 'true' || valueEnd - valueStart > 2;
  }
}
