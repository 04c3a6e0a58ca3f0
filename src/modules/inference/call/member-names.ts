/** A member of what the provider is sent, and what the client calls it. */
export interface MemberName {
  readonly sent: string;
  readonly asked: string;
}

/** The place in a request by the client's names, where the provider told it by its own. */
export function askedParam(param: string, names: readonly MemberName[]): string {
  for (const { sent, asked } of names) {
    const rest = param.slice(sent.length);
    if (param.startsWith(sent) && /^(?:$|[.[])/.test(rest)) return `${asked}${rest}`;
  }
  return param;
}

/** A provider's sentence with the client's names of members: compound ones wherever they stand, plain words in quotes. */
export function askedWords(message: string, names: readonly MemberName[]): string {
  let said = message;
  for (const { sent, asked } of names) {
    const name = sent.replace(/[.]/g, '\\.');
    const pattern = /[_.]/.test(sent) ? `(?<![\\w.])${name}(?!\\w)` : `(?<=['"\`])${name}(?=['"\`])`;
    said = said.replace(new RegExp(pattern, 'g'), () => asked);
  }
  return said;
}
