/**
 * Members of a chat that every dialect says in its own words or refuses, or that are meant for the platform. Which others a
 * wire has words for is its own matter.
 */
export const sharedMembers = [
  'audio',
  'function_call',
  'functions',
  'logit_bias',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'messages',
  'modalities',
  'model',
  'n',
  'parallel_tool_calls',
  'prediction',
  'reasoning_effort',
  'response_format',
  'stop',
  'store',
  'stream',
  'stream_options',
  'temperature',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
] as const;
