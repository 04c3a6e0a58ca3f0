/**
 * A place in the list of what was asked, as providers write it: `input[3].content[0].text`, `messages.3.content`,
 * `messages.[3].content`.
 */
const place = /\b(input|messages)(?:\.?\[\d+\]|\.\d+\b)(?:\.?\[\d+\]|\.\w+)*/g;

/** A provider's sentence that names such places by their list alone: what stands there is not what the client has put there. */
export function withoutPlaces(sentence: string): string {
  return sentence.replace(place, '$1');
}
