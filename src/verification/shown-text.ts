/** So many characters of a text are shown: what a provider answers may be long. */
const mostCharacters = 2_000;

// Control characters, and halves of surrogate pairs without the other half: neither a terminal nor a database wants them.
const unshowable = /\p{Cc}|\p{Surrogate}/gu;

const key = /gtak_[0-9A-Za-z]{8,}/g;

/** What is shown of a text that came from outside: no key of the run nor any other, nothing that cannot be stored, and no more than fits. */
export function shownText(text: string, secrets: readonly string[]): string {
  const without = secrets.filter((secret) => secret !== '').reduce((rest, secret) => rest.replaceAll(secret, 'gtak_...'), text);
  const hidden = without.replace(key, 'gtak_...');
  const cut = hidden.length > mostCharacters ? `${hidden.slice(0, mostCharacters)}...` : hidden;
  return cut.replace(unshowable, '\ufffd');
}
