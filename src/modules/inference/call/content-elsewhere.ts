/** An address in a request whose content its provider is given, because the provider does not fetch it itself. */
export interface NamedAddress {
  readonly url: string;
  /** Where it stands, as the client may be told. */
  readonly param: string;
  /** The media types that may stand in its place. */
  readonly types: ReadonlySet<string>;
  /** It was said since the model spoke last. What was said before may be gone by now. */
  readonly isNew: boolean;
}

/** What a call has to be given from elsewhere before it is sent. */
export interface ContentElsewhere {
  readonly addresses: readonly NamedAddress[];
  /**
   * The call's body with the contents in it.
   * @param contents as `data:` addresses, in the order of `addresses`; undefined for one that is gone.
   */
  body(contents: readonly (string | undefined)[]): Buffer;
}
