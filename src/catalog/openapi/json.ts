/** A part of the document. */
export type Json = Readonly<Record<string, unknown>>;

/** A body in one of its media types. */
export interface Media {
  readonly schema?: Json;
  readonly example?: unknown;
}

type ComponentKind = 'schemas' | 'responses' | 'parameters' | 'examples' | 'headers';

/** A reference to a shared part of the document. */
export function ref(kind: ComponentKind, name: string): Json {
  return { $ref: `#/components/${kind}/${name}` };
}
