import type { ZodType } from 'zod';
import { listOf, textListOf } from '../../contracts/lists.js';
import type { RouteId } from '../routes.js';
import { chatCompletion, chatCompletionChunk, storedCompletion, storedMessage } from './chat-completion.js';
import { chatBody } from './chat-request.js';
import { completion, completionBody } from './completions.js';
import { embeddingBody, embeddings } from './embeddings.js';
import { fileEvent } from './file-events.js';
import { imageBody, imageEditEvent, imageEditForm, imageGenerationEvent, images, imageVariationForm } from './images.js';
import { moderation, moderationBody } from './moderations.js';
import { responseEvent } from './response-events.js';
import { responseItem } from './response-items.js';
import { compactedResponse, inputTokens, responseObject } from './response-object.js';
import { compactBody, inputTokensBody, responseBody, responseFrame } from './response-request.js';
import { speechBody, speechEvent } from './speech.js';
import { transcription, transcriptionEvent, transcriptionForm, translation, translationForm } from './transcriptions.js';

/** What passes through a route and is parsed by no schema. */
export interface RouteShape {
  /** The body that is passed on; of a WebSocket, a frame that a client sends. */
  readonly relayed?: ZodType;
  /** The reply in JSON, as the provider or the store has it. */
  readonly response?: ZodType;
  /** The data of each event of a reply in events; of a WebSocket, what comes back. */
  readonly events?: ZodType;
}

const conversationItem = responseItem.describe('An item of a conversation, as it is stored.');
const conversationItems = textListOf(conversationItem, 'items');

/**
 * The bodies of those routes, in the form of OpenAI's API. They are here for those who describe calls, and nothing parses by
 * them: which requests are accepted, the kinds of inference and the providers decide. They are loaded only where a
 * description is asked for.
 */
export const routeShapes: Readonly<Partial<Record<RouteId, RouteShape>>> = {
  'chat.completions.create': { relayed: chatBody, response: chatCompletion, events: chatCompletionChunk },
  'chat.completions.list': { response: textListOf(storedCompletion, 'stored completions') },
  'chat.completions.get': { response: storedCompletion },
  'chat.completions.update': { response: storedCompletion },
  'chat.completions.messages.list': { response: textListOf(storedMessage, 'messages') },
  'completions.create': { relayed: completionBody, response: completion, events: completion },
  'embeddings.create': { relayed: embeddingBody, response: embeddings },
  'moderations.create': { relayed: moderationBody, response: moderation },
  'images.generate': { relayed: imageBody, response: images, events: imageGenerationEvent },
  'images.edit': { relayed: imageEditForm, response: images, events: imageEditEvent },
  'images.vary': { relayed: imageVariationForm, response: images },
  'audio.speech.create': { relayed: speechBody, events: speechEvent },
  'audio.transcriptions.create': { relayed: transcriptionForm, response: transcription, events: transcriptionEvent },
  'audio.translations.create': { relayed: translationForm, response: translation },
  'responses.create': { relayed: responseBody, response: responseObject, events: responseEvent },
  'responses.compact': { relayed: compactBody, response: compactedResponse },
  'responses.input_tokens': { relayed: inputTokensBody, response: inputTokens },
  'responses.websocket': { relayed: responseFrame, events: responseEvent },
  'responses.get': { response: responseObject, events: responseEvent },
  'responses.cancel': { response: responseObject },
  'responses.input_items.list': { response: listOf(responseItem).describe('A page of the items that a request sent.') },
  'conversations.items.create': { response: conversationItems },
  'conversations.items.list': { response: conversationItems },
  'conversations.items.get': { response: conversationItem },
  'files.events': { events: fileEvent },
};
