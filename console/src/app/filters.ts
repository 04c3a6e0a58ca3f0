import { useNavigate, useSearch } from '@tanstack/react-router';

/** Where a page of a list begins. */
export interface Cursor {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

type Words = Readonly<Record<string, string | undefined>>;

/** What is set. */
const given = (words: Words) =>
  Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined && value !== ''));

/**
 * What a list is narrowed by, which stands in the address of the page.
 * @param to the page.
 * @returns what is set; `change`, which begins at the first page again; `move`, which goes to another page.
 */
export function useFilters<Search extends Cursor>(to: string) {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const change = (part: Words) => {
    const { after: _, before: __, ...rest } = search;
    void navigate({ to, search: given({ ...(rest as Words), ...part }), replace: true });
  };
  const move = (cursor: Cursor) => {
    const { after: _, before: __, ...rest } = search;
    void navigate({ to, search: given({ ...(rest as Words), ...cursor }) });
  };
  return { search, change, move };
}
