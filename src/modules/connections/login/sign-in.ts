/** How calls sign in at the provider of a connection whose tokens are renewed. */
export interface SignIn {
  /** The headers, name and value in turn, while they are known and good. Never waits. */
  peek(): readonly string[] | undefined;
  /** The headers, after a renewal where one is due. @throws AppError oauth_unavailable, upstream_unavailable, overloaded. */
  get(): Promise<readonly string[]>;
  /**
   * Other headers than these, which the provider refused although they should be good; undefined where there are none.
   * @throws AppError as `get`.
   */
  insteadOf(refused: readonly string[]): Promise<readonly string[] | undefined>;
}
