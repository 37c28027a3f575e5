/** Answers about jobs that differ in a few values, remembered by the values that they depend on. */
import type { ParameterName } from '../../psa/parameters.js';

type Scalar = number | string;

/** The value of a job's parameter, as a PsA writes it. */
export type ValueOf = (name: ParameterName) => Scalar;

/** An answer, and the values that it depends on: with others of those it may be another, and else is the same. */
export interface Answered<Answer> {
  readonly answer: Answer;
  readonly read: ReadonlySet<ParameterName>;
}

/** What is known behind the values that were read so far: the answer, or what is read next and what follows from each of its values. */
type Known<Answer> = Answered<Answer> | { readonly name: ParameterName; readonly after: Map<Scalar, Known<Answer>> };

/** With an answer behind all that was read for it. */
function grown<Answer>(
  known: Known<Answer> | undefined,
  [first, ...rest]: readonly (readonly [ParameterName, Scalar])[],
  answered: Answered<Answer>,
): Known<Answer> {
  if (first === undefined) return answered;
  const [name, value] = first;
  const node = known !== undefined && 'after' in known ? known : { name, after: new Map<Scalar, Known<Answer>>() };
  node.after.set(value, grown(node.after.get(value), rest, answered));
  return node;
}

/**
 * Asks once for all jobs that do not differ in what is read of them.
 *
 * @param ask may depend on nothing but the values that it reads, and what it reads next on nothing but those that it has read
 * @example
 * const isEven = remembered((value) => Number(value('workload.tp')) % 2 === 0); // asked once for each tp, whatever else differs
 */
export function remembered<Answer>(ask: (value: ValueOf) => Answer): (value: ValueOf) => Answered<Answer> {
  let first: Known<Answer> | undefined;
  return (value) => {
    let known = first;
    while (known !== undefined && 'after' in known) known = known.after.get(value(known.name));
    if (known !== undefined) return known;
    const read = new Map<ParameterName, Scalar>();
    const answer = ask((name) => {
      const own = value(name);
      read.set(name, own);
      return own;
    });
    const answered = { answer, read: new Set(read.keys()) };
    first = grown(first, [...read], answered);
    return answered;
  };
}
