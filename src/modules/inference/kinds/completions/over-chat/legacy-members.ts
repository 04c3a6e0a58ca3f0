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
