import { flac } from './flac.js';
import { opus } from './ogg-opus.js';
import { aac, mp3, pcm, wav } from './plain-frames.js';
import type { AudioFormat } from './audio-frames.js';

/** Every format of speech by its name in `response_format`. */
export const audioFormats: Readonly<Record<string, AudioFormat>> = { mp3, wav, opus, aac, flac, pcm };
