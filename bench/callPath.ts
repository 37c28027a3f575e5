/** How often the operations of a shader run, each at its place among all calls, as if functions were inlined. */

export type OperationKind = 'f32' | 'f32Divisions' | 'integer';

/** Operators on whole numbers and truth values alone: the interpreter gives a comparison of vectors the type of its operands. */
const INTEGER_OPERATORS = new Set(['&', '|', '^', '&&', '||', '<<', '>>']);

function kindOf(operator: string, type: string): OperationKind {
  if (INTEGER_OPERATORS.has(operator) || !/^(f32|x32|vec\df)$/.test(type)) return 'integer';
  return operator === '/' ? 'f32Divisions' : 'f32';
}

interface Tally {
  readonly kind: OperationKind;
  /** Each component of a vector once. */
  runs: number;
  /** Whether an operand has ever varied. */
  varies: boolean;
}

/** The calls that lead to a place in the text. */
export class CallPath {
  private readonly tallies = new Map<object, Tally>();
  private readonly calls = new Map<object, CallPath>();

  into(call: object): CallPath {
    const path = this.calls.get(call) ?? new CallPath();
    this.calls.set(call, path);
    return path;
  }

  add(operation: object, operator: string, type: string, varies: boolean): void {
    const tally = this.tallies.get(operation) ?? { kind: kindOf(operator, type), runs: 0, varies };
    this.tallies.set(operation, tally);
    tally.runs += Number(/^vec(\d)/.exec(type)?.[1] ?? 1);
    tally.varies ||= varies;
  }

  /** Operations of a kind that vary, or that do not, here and in all calls from here. */
  count(kind: OperationKind, varies: boolean): number {
    const own = [...this.tallies.values()].filter((tally) => tally.kind === kind && tally.varies === varies);
    const inCalls = [...this.calls.values()].map((path) => path.count(kind, varies));
    return own.reduce((sum, { runs }) => sum + runs, 0) + inCalls.reduce((sum, runs) => sum + runs, 0);
  }
}
