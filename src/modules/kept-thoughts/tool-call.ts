/** A call of a tool as a chat tells it. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** The JSON of a function's arguments, or the text that a custom tool is given. */
  readonly input: string;
}

/** A call of a tool that an answer made. */
export interface AnsweredCall extends ToolCall {
  /** What the provider wants back with it; undefined where it wants nothing. */
  readonly kept: Buffer | undefined;
}

/** Where a call of a tool was made. Only there is given back what is kept with it. */
export interface CallOrigin {
  readonly tenantId: string;
  readonly keyId: string;
  readonly connectionId: string;
  readonly model: string;
}
