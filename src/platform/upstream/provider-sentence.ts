import type { Fields } from '../../kernel/fields.js';

/** What a provider says of its refusal, as it says it: not to be shown before it was scrubbed. */
export interface ToldError {
  readonly message?: string | undefined;
  readonly code?: string | undefined;
  readonly param?: string | undefined;
  readonly type?: string | undefined;
}

/** How deep a message may be nested in an answer, and how many entries of a list are kept. */
const deepest = 6;
const most = 8;

/**
 * Reads the body of a refusal in the forms of OpenAI (`error: {message, code, param}`), Gemini (that in an array), FastAPI
 * and vLLM (`detail`: a text or a list of `{loc, msg}`), Mistral (`message`, also with a `detail` inside), lists named
 * `errors`, and plain text. What is none of these, a page of HTML say, tells nothing. Never throws.
 */
export function readToldError(body: Buffer): ToldError {
  const text = body.toString('utf8').trim();
  try {
    return told(JSON.parse(text), 0);
  } catch {
    // A text is a sentence unless it is markup, a piece of JSON or no text at all.
    return text === '' || /^[<{[]/.test(text) || /[\0\ufffd]/.test(text) ? {} : { message: text };
  }
}

/** Where a sentence lies, the usual places first. */
const members = ['error', 'message', 'detail', 'errors', 'msg', 'error_message', 'error_description', 'description', 'title'];

function told(value: unknown, depth: number): ToldError {
  if (typeof value === 'string') return value.trim() === '' ? {} : { message: value };
  if (typeof value !== 'object' || value === null || depth > deepest) return {};
  if (Array.isArray(value)) return together(value as unknown[], depth);
  const fields = value as Fields;
  let best: ToldError = { code: codeOf(fields), param: paramOf(fields), type: textOf(fields['type']) };
  // `{"error":"Bad Request","message":"…"}`: a bare `error` says less than the members next to it.
  const order = typeof fields['error'] === 'string' ? [...members.slice(1), 'error'] : members;
  for (const name of order) {
    const inner = told(fields[name], depth + 1);
    best = {
      message: inner.message,
      code: inner.code ?? best.code,
      param: inner.param ?? best.param,
      type: inner.type ?? best.type,
    };
    if (best.message !== undefined) break;
  }
  return best;
}

/** The faults of a list in one sentence; where there are several, each with the name of its field. */
function together(values: readonly unknown[], depth: number): ToldError {
  const all = values.slice(0, most).map((value) => told(value, depth + 1));
  const [first] = all;
  const sentences = all.flatMap(({ message, param }) => {
    if (message === undefined) return [];
    return [param === undefined || all.length === 1 ? message : `${param}: ${message}`];
  });
  return { ...first, message: sentences.length === 0 ? undefined : [...new Set(sentences)].join('; ') };
}

/** A number that repeats the status says nothing; Gemini has its word beside it. */
function codeOf({ code, status }: Fields): string | undefined {
  if (typeof code === 'string') return code;
  if (typeof code !== 'number') return undefined;
  return code >= 100 && code < 600 ? textOf(status) : String(code);
}

/** `param`, or the `loc` of FastAPI without its first step, which is always the body. */
function paramOf({ param, loc }: Fields): string | undefined {
  if (typeof param === 'string') return param;
  if (!Array.isArray(loc)) return undefined;
  const steps = (loc as unknown[]).slice(0, deepest * 2);
  const path = (steps[0] === 'body' ? steps.slice(1) : steps).map((step, at) =>
    typeof step === 'number' ? `[${step}]` : `${at === 0 ? '' : '.'}${String(step)}`,
  );
  return path.length === 0 ? undefined : path.join('');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
