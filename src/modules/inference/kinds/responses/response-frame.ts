import type { Fields } from '../../../../kernel/fields.js';

/** What a response says of its request, whatever its provider echoes. */
export interface ResponseFrame {
  /** The published name. */
  readonly model: string;
  /** The client's own; never the agent's. */
  readonly instructions: string | null;
  readonly previousResponseId: string | null;
  readonly conversationId: string | null;
  readonly store: boolean;
  /** What is too long is cut here; the provider is told nothing of it. */
  readonly truncates?: boolean;
  /** The client may see encrypted reasoning. */
  readonly showsEncrypted: boolean;
  /** Which model answers: noted with what its provider seals, which means nothing to another one. */
  readonly origin?: string;
  /** The tool that the platform runs, which no provider is told of. */
  readonly ownTool?: OwnTool | undefined;
  /** Of a response that was queued: under which id, and since when. */
  readonly queued?: { readonly id: string; readonly createdAt: number } | undefined;
}

/** A tool that the platform runs, as the client wrote it. */
export interface OwnTool {
  readonly tool: Fields;
  /** Its place among the tools of the request. */
  readonly at: number;
  /** What the request says of its tools; undefined where it says nothing. */
  readonly choice: unknown;
}
