type Helpers = Record<'find' | 'some', ((this: Iterable<unknown>, is: (value: unknown) => boolean) => unknown) | undefined>;

/**
 * pdf.js calls `find` and `some` on iterators, which Node has since 22. Only for the child process: it changes a
 * built-in.
 */
export function addIteratorHelpers(): void {
  const prototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as Helpers;
  prototype.find ??= function (is) {
    for (const value of this) if (is(value)) return value;
    return undefined;
  };
  prototype.some ??= function (is) {
    for (const value of this) if (is(value)) return true;
    return false;
  };
}
