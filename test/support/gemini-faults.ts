import { isFields, type Fields } from '../../src/kernel/fields.js';

/** Members that Google's form has: any other is refused as an unknown name. */
const ofBody = ['contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig', 'safetySettings', 'cachedContent'];
const ofConfig = [
  'candidateCount',
  'frequencyPenalty',
  'maxOutputTokens',
  'presencePenalty',
  'responseJsonSchema',
  'responseMimeType',
  'seed',
  'stopSequences',
  'temperature',
  'thinkingConfig',
  'topK',
  'topP',
];
const ofPart = ['text', 'thought', 'thoughtSignature', 'inlineData', 'fileData', 'functionCall', 'functionResponse'];
const ofFunction = ['name', 'description', 'parametersJsonSchema'];

/** Why Google refuses a request to generate, in its words where they are known; undefined where it takes it. */
export function faultOfRequest(model: string, body: Fields): string | undefined {
  const contents = listOf(body['contents']);
  return (
    unknownName(body, ofBody, 'request') ??
    faultOfSystem(model, body['systemInstruction']) ??
    (contents.length === 0 ? '* GenerateContentRequest.contents: contents is not specified' : undefined) ??
    first(contents, (content, at) => faultOfContent(model, content, at)) ??
    faultOfTurns(contents) ??
    faultOfTools(body) ??
    faultOfConfig(model, body)
  );
}

function faultOfSystem(model: string, system: unknown): string | undefined {
  if (system === undefined) return undefined;
  if (model.startsWith('gemma-')) return `Developer instruction is not enabled for models/${model}`;
  const parts = isFields(system) ? listOf(system['parts']) : [];
  return parts.length === 0 || parts.some(({ text }) => typeof text !== 'string' || text === '')
    ? 'system_instruction has an empty part'
    : undefined;
}

function faultOfContent(model: string, { role, parts }: Fields, at: number): string | undefined {
  if (role !== (at % 2 === 0 ? 'user' : 'model'))
    return 'Please ensure that multiturn requests alternate between user and model.';
  const said = listOf(parts);
  if (said.length === 0) return `* GenerateContentRequest.contents[${at}].parts: contents.parts must not be empty.`;
  const call = said.find(({ functionCall }) => functionCall !== undefined);
  if (call !== undefined && /^gemini-3/.test(model) && typeof call['thoughtSignature'] !== 'string')
    return 'Function call is missing a thought_signature in functionCall parts.';
  return first(said, (part) => faultOfPart(model, part));
}

function faultOfPart(model: string, part: Fields): string | undefined {
  const { text, inlineData, fileData, functionCall, functionResponse, thoughtSignature: signature } = part;
  const said = [text, inlineData, fileData, functionCall, functionResponse].filter((one) => one !== undefined);
  if (said.length !== 1 || text === '') return "required oneof field 'data' must have one initialized field";
  if (signature !== undefined && !isBase64(signature)) return 'Base64 decoding failed for thought_signature';
  if (isFields(functionCall) && !isFields(functionCall['args'])) return 'function_call.args is no object';
  return (
    unknownName(part, ofPart, 'part') ??
    faultOfData(inlineData) ??
    faultOfFile(fileData) ??
    faultOfResult(model, functionResponse)
  );
}

function faultOfData(data: unknown): string | undefined {
  if (data === undefined) return undefined;
  const isGood = isFields(data) && typeof data['mimeType'] === 'string' && isBase64(data['data']);
  return isGood ? undefined : 'Provided inline data is not valid.';
}

function faultOfFile(file: unknown): string | undefined {
  if (file === undefined) return undefined;
  return isFields(file) && /^https:/.test(String(file['fileUri'])) ? undefined : 'Unsupported file uri';
}

function faultOfResult(model: string, result: unknown): string | undefined {
  if (result === undefined) return undefined;
  if (!isFields(result) || !isFields(result['response'])) return 'function_response.response is no object';
  if (typeof result['name'] !== 'string' || result['name'] === '') return 'function_response.name: Name cannot be empty.';
  if (result['parts'] !== undefined && !/^gemini-3/.test(model))
    return 'Multimodal function responses are not supported by this model.';
  return first(listOf(result['parts']), ({ inlineData }) => faultOfData(inlineData ?? null));
}

/** Each call is answered in the turn behind it, by its id and name; and the user has the last word. */
function faultOfTurns(contents: readonly Fields[]): string | undefined {
  let open: string[] = [];
  for (const { role, parts } of contents) {
    const told = listOf(parts);
    if (role === 'model') {
      open = told.flatMap(({ functionCall: call }) => (isFields(call) ? [nameOf(call)] : []));
      continue;
    }
    const answered = told.flatMap(({ functionResponse: result }) => (isFields(result) ? [nameOf(result)] : []));
    if (answered.length !== open.length || answered.some((one) => !open.includes(one)))
      return 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';
    open = [];
  }
  return contents.at(-1)?.['role'] === 'model' ? 'Please ensure that the last turn is one of the user.' : undefined;
}

function faultOfTools({ tools, toolConfig, generationConfig: config }: Fields): string | undefined {
  const functions = listOf(tools).flatMap(({ functionDeclarations: told }) => listOf(told));
  const names = functions.map(({ name }) => String(name));
  const wrong = names.find((name) => !/^[A-Za-z_][\w.:-]{0,127}$/.test(name));
  if (wrong !== undefined) return `Invalid function name: ${wrong}`;
  const calling = isFields(toolConfig) ? toolConfig['functionCallingConfig'] : undefined;
  const { mode, allowedFunctionNames: allowed } = isFields(calling) ? calling : {};
  if (mode !== undefined && names.length === 0) return 'Function calling config is set without function_declarations.';
  if (mode !== undefined && !['AUTO', 'ANY', 'NONE', 'VALIDATED'].includes(String(mode))) return 'Invalid value at tool_config';
  if (allowed !== undefined && (mode !== 'ANY' || !(allowed as string[]).every((name) => names.includes(name))))
    return 'Allowed function names should only be set when function calling mode is ANY.';
  if (mode === 'ANY' && isFields(config) && config['responseMimeType'] === 'application/json')
    return "Forced function calling (ANY mode) with a response mime type: 'application/json' is unsupported";
  return first(functions, (one) => unknownName(one, ofFunction, 'function_declarations'));
}

function faultOfConfig(model: string, { generationConfig: config }: Fields): string | undefined {
  if (!isFields(config)) return undefined;
  const { thinkingConfig: thinking, seed, stopSequences: stops, responseJsonSchema: schema, responseMimeType: type } = config;
  const unknown = unknownName(config, ofConfig, 'generation_config');
  if (unknown !== undefined) return unknown;
  const isPenalised = 'presencePenalty' in config || 'frequencyPenalty' in config;
  if (isPenalised && model.startsWith('gemini-2.5')) return `Penalty is not enabled for models/${model}`;
  if (seed !== undefined && Number(seed) !== (Number(seed) | 0)) return 'Invalid value at generation_config.seed (TYPE_INT32)';
  if (Array.isArray(stops) && stops.length > 5) return 'The number of stop sequences must not exceed 5.';
  if (schema !== undefined && type !== 'application/json') return 'response_json_schema needs the media type application/json';
  return isFields(thinking) ? faultOfThinking(model, thinking) : undefined;
}

function faultOfThinking(model: string, { thinkingLevel: level, thinkingBudget: budget }: Fields): string | undefined {
  if (level !== undefined && budget !== undefined) return 'You can only set only one of thinking budget and thinking level.';
  const takesLevel = /^gemini-(?:[3-9]|flash|pro)/.test(model);
  if (level !== undefined && !takesLevel) return 'Thinking level is not supported for this model.';
  if (level === 'minimal' && /pro|-3\.[7-9]-flash(?!-lite)/.test(model))
    return 'Thinking level MINIMAL is not supported for this model. Please retry with other thinking level.';
  if (budget === 0 && /2\.5-pro/.test(model)) return 'Budget 0 is invalid. This model only works in thinking mode.';
  return !takesLevel && !model.startsWith('gemini-2.5') ? 'Thinking is not enabled for this model.' : undefined;
}

function nameOf({ id, name }: Fields): string {
  return `${String(id)} ${String(name)}`;
}

function unknownName(object: Fields, names: readonly string[], place: string): string | undefined {
  const unknown = Object.keys(object).find((name) => !names.includes(name));
  return unknown === undefined
    ? undefined
    : `Invalid JSON payload received. Unknown name "${unknown}" at '${place}': Cannot find field.`;
}

function first<T>(list: readonly T[], faultOf: (one: T, at: number) => string | undefined): string | undefined {
  for (const [at, one] of list.entries()) {
    const fault = faultOf(one, at);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isFields) : [];
}

function isBase64(value: unknown): boolean {
  return typeof value === 'string' && /^[\w+/-]+=*$/.test(value);
}
