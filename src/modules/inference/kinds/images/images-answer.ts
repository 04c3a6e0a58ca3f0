import { isFields, type Fields } from '../../../../kernel/fields.js';
import type { CallMeasures } from '../../../../platform/journal/call-record.js';
import type { Answer, ReplyFlow, WholeReply } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { parseCounted } from '../../wire/counted-json.js';
import { editReply } from '../../wire/reply-edit.js';
import { readUsage } from '../../wire/usage-tokens.js';
import type { TypedEventsForm } from '../single/typed-events.js';

/** What was asked of images. */
export interface AskedImages {
  readonly publishedName: string;
  readonly count: number;
  readonly size: string | undefined;
  /** Addresses of the provider may be shown. */
  readonly showsUrls: boolean;
}

/** Images as they came; an address of the provider is not shown where the agent does not say so. */
export class ImagesAnswer implements Answer {
  constructor(private readonly asked: AskedImages) {}

  reply(bytes: Buffer): WholeReply {
    const { publishedName, showsUrls } = this.asked;
    const edited = editReply(bytes, publishedName, 'data');
    if (!edited.ok) throw wrongAnswer(`the provider's reply is no answer: ${edited.message}`);
    if (!showsUrls && bytes.includes('"url"') && imagesOf(bytes).some(({ url }) => typeof url === 'string'))
      throw wrongAnswer('an image came as an address, which the agent does not allow to be shown');
    return { bytes: edited.bytes, tokens: readUsage(edited.usage), measures: this.measures };
  }

  /** Images are large: their replies are gathered, within the budget of all replies. */
  flow(): ReplyFlow | undefined {
    return undefined;
  }

  private get measures(): CallMeasures {
    return measuresOf(this.asked);
  }
}

/** The same in events: partial images, then the whole one. */
export function imageEvents(asked: AskedImages): TypedEventsForm {
  const answer = new ImagesAnswer(asked);
  return {
    last: 'image_generation.completed',
    measures: measuresOf(asked),
    reply: (bytes) => answer.reply(bytes),
    eventsOf: (reply) => {
      const said = parseCounted(reply);
      const { data: _data, ...head } = isFields(said) ? said : {};
      const events = imagesOf(reply).map((image) => ({ type: 'image_generation.completed', ...head, ...image }));
      return Buffer.from(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
    },
  };
}

function measuresOf({ count, size }: AskedImages): CallMeasures {
  return { images: count, ...(size === undefined ? {} : { imageSize: size }) };
}

function imagesOf(reply: Buffer): Fields[] {
  const said = parseCounted(reply);
  const data = isFields(said) ? said['data'] : undefined;
  return Array.isArray(data) ? (data as unknown[]).filter(isFields) : [];
}
