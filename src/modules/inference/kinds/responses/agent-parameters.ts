import type { AgentSpec } from '../../../../contracts/agent-spec.js';
import { parameterEdits } from '../../call/parameter-edits.js';
import type { Edit } from '../../wire/json-edit.js';
import type { ScannedObject } from '../../wire/json-scan.js';

/** Members that only a chat has. OpenAI refuses a request for a response with any of them. */
const ofChatAlone: ReadonlySet<string> = new Set([
  'audio',
  'frequency_penalty',
  'function_call',
  'functions',
  'logit_bias',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'messages',
  'modalities',
  'n',
  'prediction',
  'presence_penalty',
  'reasoning_effort',
  'response_format',
  'seed',
  'stop',
  'verbosity',
  'web_search_options',
]);

/** The edits that bring an agent's parameters into a request for a response: those that mean something there. */
export function responseEdits(agent: AgentSpec | null, scan: ScannedObject): Edit[] {
  return agent === null ? [] : parameterEdits(agent, scan).filter(({ key }) => !ofChatAlone.has(key));
}
