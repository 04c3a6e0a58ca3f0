import type { AgentSpec } from '../../../../contracts/agent-spec.js';
import { isFields } from '../../../../kernel/fields.js';

/**
 * Whether a value of an agent's parameter can be meant for a kind. It is undefined for a name that is pinned without one.
 */
export type IsMeant = (value: unknown, agent: AgentSpec) => boolean;

/** The parameters that a kind takes of an agent, by their names. */
export type TakenParameters = Readonly<Record<string, IsMeant>>;

const text: IsMeant = (value) => value === undefined || typeof value === 'string';
const texts: IsMeant = (value) => value === undefined || isListOf(value, (element) => typeof element === 'string');
const textOrObject: IsMeant = (value) => value === undefined || typeof value === 'string' || isFields(value);

/** An agent has one set of parameters. What chats have too is meant for its chat, unless only sound can have that value. */
const ofSoundAlone: IsMeant = (_value, agent) => agent.models.chat === undefined;
const format =
  (...formats: readonly string[]): IsMeant =>
  (value, agent) =>
    value === undefined ? ofSoundAlone(value, agent) : formats.includes(value as string);

const plainFormats = ['json', 'text', 'srt', 'verbose_json', 'vtt'];

const temperature: IsMeant = (value, agent) => ofSoundAlone(value, agent) && (value === undefined || typeof value === 'number');

/** What an agent may say of the sound that is written down. */
export const transcriptionParameters: TakenParameters = {
  language: text,
  response_format: format(...plainFormats, 'diarized_json'),
  temperature,
  timestamp_granularities: texts,
  chunking_strategy: textOrObject,
  include: (value, agent) =>
    value === undefined ? ofSoundAlone(value, agent) : isListOf(value, (element) => element === 'logprobs'),
  known_speaker_names: texts,
  known_speaker_references: texts,
};

/** What an agent may say of the sound that is put into English. */
export const translationParameters: TakenParameters = { response_format: format(...plainFormats), temperature };

function isListOf(value: unknown, isOne: (element: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}
