import { readEvents } from '../../contracts/event-text.js';

/** The data of each event of a stream, however its lines end; without comments. */
export async function eventsOf(bytes: Buffer): Promise<string[]> {
  const text = bytes
    .toString('utf8')
    .replace(/\r\n?/g, '\n')
    .replace(/^(data|event):(?! )/gm, '$1: ');
  const events: string[] = [];
  for await (const { data } of readEvents([Buffer.from(`${text}\n\n`)], () => undefined)) events.push(data);
  return events;
}
