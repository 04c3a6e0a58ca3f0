/**
 * The one table of error codes: status, OpenAI `type` and default text of every error that the platform answers.
 * Contract section 5; the texts follow the sentences of OpenAI's own API where clients are known to read them.
 */
export interface ErrorRow {
  readonly status: number;
  readonly type: 'invalid_request_error' | 'requests' | 'tokens' | 'insufficient_quota' | 'server_error' | 'upstream_error';
  readonly message: string;
  /** What the body's `code` says where it differs from the row's name; `null` is OpenAI's answer to a missing key. */
  readonly wireCode?: string | null;
  /** Headers that always belong to the error. `x-should-retry: false` keeps OpenAI's SDKs from asking twice more. */
  readonly headers?: Readonly<Record<string, string>>;
}

const invalid = 'invalid_request_error';

export const errorTable = {
  invalid_request: { status: 400, type: invalid, message: 'The request is not valid.' },
  invalid_value: { status: 400, type: invalid, message: 'A parameter has an invalid value.' },
  missing_required_parameter: { status: 400, type: invalid, message: 'A required parameter is missing.' },
  unsupported_parameter: { status: 400, type: invalid, message: 'A parameter is not supported here.' },
  unsupported_modality: { status: 400, type: invalid, message: 'This model does not serve this kind of request.' },
  context_length_exceeded: { status: 400, type: invalid, message: "The input is longer than the model's context." },
  previous_response_not_found: { status: 400, type: invalid, message: 'There is no such previous response.' },
  invalid_encrypted_content: { status: 400, type: invalid, message: 'The encrypted content could not be verified.' },
  websocket_connection_limit_reached: {
    status: 400,
    type: invalid,
    message: 'This WebSocket has been open for as long as it may be. Open a new one to go on.',
  },
  content_policy: { status: 400, type: invalid, message: 'The request was refused by the content policy of this API key.' },

  missing_api_key: {
    status: 401,
    type: invalid,
    wireCode: null,
    message:
      "You didn't provide an API key. Provide it in an Authorization header using Bearer auth (i.e. Authorization: Bearer gtak_...).",
  },
  invalid_api_key: { status: 401, type: invalid, message: 'Incorrect API key provided.' },

  invalid_credentials: { status: 401, type: invalid, message: 'What you sign in with is not right.' },
  second_factor_required: { status: 401, type: invalid, message: 'Give the code of your authenticator app too.' },

  insufficient_scope: { status: 403, type: invalid, message: 'You have insufficient permissions for this operation.' },
  target_not_allowed: { status: 403, type: invalid, message: 'This API key may not use this target.' },
  ip_not_allowed: { status: 403, type: invalid, message: 'This API key may not be used from your address.' },
  tenant_suspended: { status: 403, type: invalid, message: 'This tenant is suspended. Ask its administrator.' },
  approval_required: { status: 403, type: invalid, message: 'This operation needs an approval.' },
  session_required: { status: 403, type: invalid, message: 'This is for somebody who is signed in; a token cannot do it.' },
  cross_site_request: { status: 403, type: invalid, message: 'This request does not come from a page of this platform.' },
  approval_rejected: { status: 403, type: invalid, message: 'This operation was not approved.' },
  insufficient_role: { status: 403, type: invalid, message: 'Your role does not allow this operation.' },

  model_not_found: { status: 404, type: invalid, message: 'The model does not exist or you do not have access to it.' },
  not_found: { status: 404, type: invalid, message: 'No such object.' },
  unknown_url: { status: 404, type: invalid, message: 'Invalid URL.' },
  method_not_allowed: { status: 405, type: invalid, message: 'This URL does not answer to this method.' },
  request_timeout: { status: 408, type: invalid, message: 'The request did not arrive in time.' },
  conflict: { status: 409, type: invalid, message: 'The request conflicts with the current state.' },
  idempotency_in_progress: { status: 409, type: invalid, message: 'A request with this Idempotency-Key is still running.' },
  approval_pending: { status: 409, type: invalid, message: 'The approval has not been decided yet.' },
  approval_expired: { status: 410, type: invalid, message: 'The time of this approval is over.' },
  payload_too_large: { status: 413, type: invalid, message: 'The request body is too large.' },
  unsupported_media_type: { status: 415, type: invalid, message: 'The media type of the request body is not supported here.' },
  range_not_satisfiable: { status: 416, type: invalid, message: 'The range begins behind the end of the content.' },
  idempotency_mismatch: { status: 422, type: invalid, message: 'This Idempotency-Key was used with another request.' },
  upgrade_required: {
    status: 426,
    type: invalid,
    message: 'GET /responses is a WebSocket. Open one, or send POST /responses instead.',
    headers: { upgrade: 'websocket' },
  },
  headers_too_large: { status: 431, type: invalid, message: 'The request headers are too large.' },

  rate_limit_exceeded: { status: 429, type: 'requests', message: 'Rate limit reached.' },
  token_limit_exceeded: { status: 429, type: 'tokens', wireCode: 'rate_limit_exceeded', message: 'Token rate limit reached.' },
  insufficient_quota: {
    status: 429,
    type: 'insufficient_quota',
    headers: { 'x-should-retry': 'false' },
    message: 'You exceeded your current quota. Ask the administrator of your tenant.',
  },

  internal_error: { status: 500, type: 'server_error', message: 'The server had an error while processing your request.' },
  overloaded: { status: 503, type: 'server_error', message: 'The server is overloaded. Please try again.' },

  upstream_error: { status: 502, type: 'upstream_error', message: 'The model provider answered with an error.' },
  upstream_unavailable: { status: 502, type: 'upstream_error', message: 'The model provider could not be reached.' },
  oauth_unavailable: { status: 503, type: 'upstream_error', message: "The model provider's sign-in is not available." },
  upstream_timeout: { status: 504, type: 'upstream_error', message: 'The model provider did not answer in time.' },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;
