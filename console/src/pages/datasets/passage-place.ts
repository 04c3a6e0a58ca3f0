/** Where a passage stands in its document, in words; empty where its format does not tell. */
export function passagePlace(source: Readonly<Record<string, string | number>>): string {
  const { page, page_end, slide, slide_end, sheet, heading } = source;
  const range = (name: string, from?: string | number, to?: string | number): string[] =>
    from === undefined ? [] : [to === undefined || to === from ? `${name} ${from}` : `${name}s ${from} to ${to}`];
  return [
    ...range('Page', page, page_end),
    ...range('Slide', slide, slide_end),
    ...(sheet === undefined ? [] : [`Sheet ${sheet}`]),
    ...(heading === undefined || heading === '' ? [] : [String(heading)]),
  ].join(' · ');
}
