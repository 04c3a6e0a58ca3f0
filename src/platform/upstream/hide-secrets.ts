/** So many characters from the beginning of a longer secret tell it. */
const tellingCharacters = 16;
/** Shorter texts are looked for as whole words. */
const leastCharacters = 6;
const removed = '[removed]';
const wordCharacter = /[A-Za-z0-9_]/;

/**
 * A provider's words without the secrets that it was sent, whole or as far as it quotes their beginning. They are looked for in
 * the words as they came: nothing that shortens them may have run before.
 */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  // The longest first: one may be a part of another.
  return [...secrets].sort((a, b) => b.length - a.length).reduce(hide, text);
}

/** The secrets in headers that sign in, names and values in turn: the values, and what stands in them behind a word like Bearer. */
export function signInSecrets(headers: readonly string[]): string[] {
  return headers.filter((_one, at) => at % 2 === 1).flatMap((value) => [value, value.slice(value.indexOf(' ') + 1)]);
}

function hide(text: string, secret: string): string {
  const beginning = secret.slice(0, tellingCharacters);
  if (beginning === '') return text;
  let hidden = '';
  let from = 0;
  for (let at = text.indexOf(beginning); at !== -1; at = text.indexOf(beginning, from)) {
    let end = at + beginning.length;
    while (end - at < secret.length && text[end] === secret[end - at]) end += 1;
    const tells = secret.length >= leastCharacters || isWord(text, at, end);
    hidden += text.slice(from, at) + (tells ? removed : text.slice(at, end));
    from = end;
  }
  return hidden + text.slice(from);
}

function isWord(text: string, from: number, to: number): boolean {
  return !wordCharacter.test(text.charAt(from - 1)) && !wordCharacter.test(text.charAt(to));
}
