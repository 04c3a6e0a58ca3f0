/** What stands for the placeholders of a runbook. */
export interface Filling {
  /** Scheme and host, without a slash at the end. */
  readonly origin: string;
  readonly apiKey: string;
  /** Published names that serve chats, the one to use first. */
  readonly aliases: readonly string[];
  /** A published name that serves embeddings. */
  readonly embedAlias: string | undefined;
}

/** What the pages of the documentation say, and whoever has nothing published yet. */
export const placeholders = {
  origin: 'https://<tenant-host>',
  apiKey: 'gtak_...',
  alias: 'published-agent-alias',
  embedAlias: 'published-embedding-alias',
} as const;

export const unfilled: Filling = {
  origin: placeholders.origin,
  apiKey: placeholders.apiKey,
  aliases: [],
  embedAlias: undefined,
};

/** A text, or an object with texts in it, with every placeholder filled in. Braces of the product's own stay. */
export function filled<T>(value: T, filling: Filling): T {
  const { origin, apiKey, aliases, embedAlias } = filling;
  const values: Readonly<Record<string, string>> = {
    origin,
    api_key: apiKey,
    model: aliases[0] ?? placeholders.alias,
    embed_model: embedAlias ?? placeholders.embedAlias,
  };
  const text = JSON.stringify(value).replace(/\{\{([a-z_]+)\}\}/g, (whole, name: string) => {
    const known = values[name];
    return known === undefined ? whole : JSON.stringify(known).slice(1, -1);
  });
  return JSON.parse(text) as T;
}
