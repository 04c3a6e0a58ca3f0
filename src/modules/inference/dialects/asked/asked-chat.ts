import type { Fields } from '../../../../kernel/fields.js';

/** A piece of what was said in a chat. */
export type AskedPart =
  | { readonly is: 'text'; readonly text: string }
  | AskedData
  | { readonly is: 'address'; readonly url: string; readonly of: 'image' | 'file'; readonly place: string }
  | AskedCall
  | AskedResult
  /** What a model thought before the parts that follow: the message of the assistant, whose members say it in any form. */
  | { readonly is: 'thoughts'; readonly message: Fields; readonly calls: readonly string[] };

/** Bytes that stand in the request. */
export interface AskedData {
  readonly is: 'data';
  /** In lower case, without parameters. */
  readonly mediaType: string;
  readonly base64: string;
  readonly filename?: string | undefined;
  /** Where it stands in the request. */
  readonly place: string;
}

/** A call of a tool that the model made. */
export interface AskedCall {
  readonly is: 'call';
  readonly id: string;
  readonly name: string;
  readonly input: Fields;
  /** The call as the chat holds it, with further members that its provider may have given it. */
  readonly call: Fields;
}

/** What a tool said. */
export interface AskedResult {
  readonly is: 'result';
  readonly callId: string;
  /** The name of the tool; empty where no call of the request has this id. */
  readonly name: string;
  readonly parts: readonly (Extract<AskedPart, { is: 'text' | 'address' }> | AskedData)[];
}

/** What one side said until the other side spoke. */
export interface AskedTurn {
  readonly by: 'user' | 'model';
  readonly parts: readonly AskedPart[];
}

/** A function that the model may call. */
export interface AskedTool {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON schema of its input: an object. */
  readonly parameters: Fields;
  readonly strict: boolean;
  /** It takes one text, which stands in the member `input` of its parameters. */
  readonly isCustom: boolean;
}

/** Which tools the model has to call: it may, must not, must call any, or must call the one named. */
export type AskedChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** The form of the answer. */
export type AskedFormat = 'text' | 'json' | { readonly name?: string | undefined; readonly schema: Fields };

/** A chat request, read once for all wires that are not OpenAI's. */
export interface AskedChat {
  readonly model: unknown;
  /** Texts of all messages of system and developer, wherever they stood, in their order. */
  readonly instructions: readonly string[];
  /** Never two of one side after each other, and none without parts. */
  readonly turns: readonly AskedTurn[];
  /** Those that the request allows. */
  readonly tools: readonly AskedTool[];
  readonly choice: AskedChoice;
  readonly format: AskedFormat;
  readonly stop: readonly string[];
  /** As it was asked for, `max_completion_tokens` before `max_tokens`; undefined where neither is given. */
  readonly maxTokens: unknown;
  /** False where the model may call only one tool at a time. */
  readonly parallel: boolean;
  /** The request names its tools in the deprecated `functions`. */
  readonly isLegacy: boolean;
}
