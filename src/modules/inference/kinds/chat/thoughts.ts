import type { Fields } from '../../../../kernel/fields.js';
import { furtherMembers, withPiece } from '../../wire/further-members.js';
import type { OpenCall } from '../../chunks/open-calls.js';

/** Members of a chat message, or of a call of a tool in it, that hold what the model thought, or sign it. */
const names = /^(?:reasoning|thinking|thought)|signature|encrypted|^extra_content$/i;
const none: ReadonlySet<string> = new Set();

/** What a sealed reasoning holds: members of the provider's message, and of its calls of tools by their ids. */
export interface ThoughtContent extends Fields {
  readonly message?: Fields | undefined;
  readonly calls?: Readonly<Record<string, CallThoughts>> | undefined;
}

/** Members of a call of a tool, and of the function within it. */
export interface CallThoughts {
  readonly call?: Fields | undefined;
  readonly tool?: Fields | undefined;
}

/** Gathers what a chat provider tells of its model's thoughts, in its own form, until it is sealed. */
export class Thoughts {
  private message: Fields | undefined;
  private calls: Record<string, CallThoughts> = {};
  private readonly known = new Map<OpenCall, string>();

  get isEmpty(): boolean {
    return this.message === undefined && Object.keys(this.calls).length === 0;
  }

  /** Takes a message, or a piece of one. */
  take(said: Fields): void {
    this.message = withPiece(this.message, thoughtsIn(said));
  }

  /** Takes what a call holds by now. */
  takeCall(callId: string, call: OpenCall): void {
    const now = { call: thoughtsIn(call.further), tool: thoughtsIn(call.furtherOfTool) };
    const text = JSON.stringify(now);
    if (text === (this.known.get(call) ?? '{}')) return;
    this.known.set(call, text);
    this.calls[callId] = now;
  }

  /** What was gathered; the next thoughts begin anew. */
  taken(): ThoughtContent {
    const { message, calls } = this;
    this.message = undefined;
    this.calls = {};
    return { message, calls: Object.keys(calls).length === 0 ? undefined : calls };
  }
}

function thoughtsIn(object: Fields | undefined): Fields | undefined {
  if (object === undefined) return undefined;
  const told = Object.entries(object).filter(([name, value]) => names.test(name) && !isNothing(value));
  return told.length === 0 ? undefined : furtherMembers(Object.fromEntries(told), none);
}

function isNothing(value: unknown): boolean {
  return value === '' || value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}
