import type { Commands } from './commands.js';
import type { Exchange } from './exchange.js';
import { firstTokens } from './tokens.js';

const manyScripts = '你好，世界 🌍 👩‍💻 ñandú ﷽ 日本語のテキスト';

/** The text that a command asks for instead of the echo and that chat and legacy completions share; undefined without one. */
export function commandedText(commands: Commands, exchange: Exchange): string | undefined {
  if (commands.isEmpty) return undefined;
  if (commands.has('show-request')) return exchange.body.toString('utf8');
  if (commands.has('show-headers')) return JSON.stringify(exchange.request.headers);
  const huge = commands.number('huge');
  return huge === undefined ? undefined : 'x'.repeat(huge);
}

/** The echo with what `multibyte` and `chunks` add to it: further scripts, and counting words up to the number of chunks. */
export function decoratedEcho(echo: string, commands: Commands): string {
  if (commands.isEmpty) return echo;
  const text = commands.has('multibyte') ? `${echo} ${manyScripts}` : echo;
  const words = text.split(/\s+/).length;
  const missing = Math.max(0, (commands.number('chunks') ?? 0) - words);
  return text + Array.from({ length: missing }, (_unused, index) => ` ${words + index + 1}`).join('');
}

/** A text after stop sequences and token limit, and the finish_reason that follows. */
export interface LimitedText {
  readonly text: string;
  readonly finishReason: 'stop' | 'length';
}

/** Cuts the text before its first stop sequence, then after the last token that the limit allows. */
export function limited(text: string, stop: readonly string[], maxTokens: number): LimitedText {
  const stopped = stop.reduce((rest, sequence) => {
    const at = sequence === '' ? -1 : rest.indexOf(sequence);
    return at < 0 ? rest : rest.slice(0, at);
  }, text);
  if (maxTokens === Infinity) return { text: stopped, finishReason: 'stop' };
  const cut = firstTokens(stopped, maxTokens);
  return { text: cut, finishReason: cut.length < stopped.length ? 'length' : 'stop' };
}
