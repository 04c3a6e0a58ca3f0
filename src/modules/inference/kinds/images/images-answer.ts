import { isFields } from '../../../../kernel/fields.js';
import type { CallMeasures } from '../../../../platform/journal/call-record.js';
import type { WholeReply } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { parseCounted } from '../../wire/counted-json.js';
import { findMember, readObject, textOf, type JsonBody } from '../../wire/json-body.js';
import { editReply } from '../../wire/reply-edit.js';
import { readUsage } from '../../wire/usage-tokens.js';
import { eventBytes } from '../../wire/typed-event.js';
import { TypedEventsAnswer } from '../typed-events/typed-events-answer.js';
import { readMadeImages } from './made-images.js';

/** How images look, in the words of OpenAI's members. */
export type ImageLook = Readonly<Record<'background' | 'output_format' | 'quality' | 'size', string | undefined>>;

/** What was asked of images. */
export interface AskedImages {
  readonly publishedName: string;
  readonly count: number;
  /** How they are to look, as far as request and agent say. */
  readonly look: ImageLook;
  /** Addresses of the provider may be shown. */
  readonly showsUrls: boolean;
  /** What the types of the stream's events begin with. */
  readonly events: 'image_generation' | 'image_edit';
}

/**
 * Images, in one reply or in events: partial ones, then each whole one. Where no address of the provider may be shown, an
 * image that comes as an address is fetched and given as data. A reply is gathered: it counts with all replies in memory.
 */
export class ImagesAnswer extends TypedEventsAnswer {
  constructor(private readonly asked: AskedImages) {
    const [partial, completed] = [`${asked.events}.partial_image`, `${asked.events}.completed`];
    super(asked.publishedName, {
      last: new Set([completed]),
      parts: asked.count,
      withheld: ['url'],
      required: { [partial]: 'b64_json', [completed]: 'b64_json' },
      measures: ({ ended, newest }) => (ended === 0 ? undefined : measuresOf(ended, newest, asked)),
    });
  }

  reply(bytes: Buffer): WholeReply {
    const edited = editReply(bytes, this.publishedName, 'data');
    if (!edited.ok) throw wrongAnswer(`the provider's reply is no answer: ${edited.message}`);
    const body = readObject(edited.bytes);
    const data = body.ok ? findMember(body.scan, 'data') : undefined;
    if (!body.ok || data === undefined) throw wrongAnswer('it has no data');
    const { count, replaced } = readMadeImages(body.bytes, data, this.asked.showsUrls);
    return {
      bytes: body.bytes,
      tokens: readUsage(edited.usage),
      measures: measuresOf(count, body, this.asked),
      elsewhere: replaced,
    };
  }

  override eventsOf(reply: Buffer): Buffer {
    const said = parseCounted(reply);
    const { data, created: created_at, usage, ...head } = isFields(said) ? said : {};
    const images = Array.isArray(data) ? (data as unknown[]).filter(isFields) : [];
    const { events, look } = this.asked;
    const type = `${events}.completed`;
    const shared = { created_at: created_at ?? Math.floor(Date.now() / 1000), ...lookOf(look), ...head };
    const written = images.map(({ b64_json }, at) => {
      const told = at === images.length - 1 ? (usage ?? noUsage) : noUsage;
      return eventBytes(type, JSON.stringify({ type, b64_json, ...shared, usage: told }));
    });
    return Buffer.concat(written);
  }
}

/** An event that completes an image has a usage: that of all images stands in the last one. */
const noUsage = {
  input_tokens: 0,
  output_tokens: 0,
  total_tokens: 0,
  input_tokens_details: { image_tokens: 0, text_tokens: 0 },
};
const qualities = new Set(['low', 'medium', 'high', 'auto']);

/** What events say of how an image looks where its provider does not; models of other qualities are asked for theirs. */
function lookOf({ background = 'auto', output_format = 'png', quality = 'auto', size = 'auto' }: ImageLook): ImageLook {
  return { background, output_format, quality: qualities.has(quality) ? quality : 'auto', size };
}

function measuresOf(images: number, body: JsonBody | undefined, { look: { size } }: AskedImages): CallMeasures {
  return { images, imageSize: (body === undefined ? undefined : textOf(body, 'size')) ?? size };
}
