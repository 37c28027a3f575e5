/**
 * A value that is made when it is first asked for, and kept: start-up pays only for what a command needs.
 *
 * @example
 * const table = once(() => longTable());
 * table() === table(); // true; longTable has run once
 */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
