/** The four members of OpenAI's error object. */
export interface WireError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

/** An answer of the sandbox that is not a success: status, OpenAI's error object, further headers. */
export class SandboxError extends Error {
  constructor(
    readonly status: number,
    readonly error: WireError,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(error.message);
    this.name = 'SandboxError';
  }
}

/** 400 in OpenAI's form; `param` names the field of the request that is to blame. */
export function badRequest(message: string, param: string | null, code: string | null = 'invalid_value'): SandboxError {
  return new SandboxError(400, { message, type: 'invalid_request_error', param, code });
}

/** 400 for a required field that is absent, in OpenAI's words. */
export function missingParameter(param: string): SandboxError {
  return badRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
}

/** 400 for a field of the wrong JSON type, in OpenAI's words. `expected` reads like "an array of objects". */
export function wrongType(param: string, expected: string, value: unknown): SandboxError {
  const message = `Invalid type for '${param}': expected ${expected}, but got ${article(value)} instead.`;
  return badRequest(message, param, 'invalid_type');
}

/** 401 in OpenAI's words; the key that was sent is masked as OpenAI masks it. */
export function unauthorized(sent: string | undefined): SandboxError {
  const masked = sent === undefined || sent.length < 12 ? '****' : `${sent.slice(0, 4)}****${sent.slice(-4)}`;
  const message =
    sent === undefined
      ? "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth."
      : `Incorrect API key provided: ${masked}. You can find your API key at https://platform.openai.com/account/api-keys.`;
  const code = sent === undefined ? null : 'invalid_api_key';
  return new SandboxError(401, { message, type: 'invalid_request_error', param: null, code });
}

/** 404 for a path that the sandbox does not serve. */
export function unknownUrl(method: string, path: string): SandboxError {
  const message = `Invalid URL (${method} ${path})`;
  return new SandboxError(404, { message, type: 'invalid_request_error', param: null, code: null });
}

/** 405 for a path that the sandbox serves by another method. */
export function wrongMethod(method: string, path: string, allowed: string): SandboxError {
  const message = `Not allowed to ${method} on ${path}. (HINT: Perhaps you meant to use a different HTTP method?)`;
  return new SandboxError(
    405,
    { message, type: 'invalid_request_error', param: null, code: 'method_not_supported' },
    { allow: allowed },
  );
}

/** 413 for a body above the sandbox's limit. */
export function bodyTooLarge(limitBytes: number): SandboxError {
  const message = `The request body is larger than ${limitBytes} bytes.`;
  return new SandboxError(413, { message, type: 'invalid_request_error', param: null, code: 'payload_too_large' });
}

function article(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal number';
  return `a ${typeof value}`;
}
