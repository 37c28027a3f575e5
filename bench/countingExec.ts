/** The interpreter of WGSL with counters: which operations run, by type, and which of them a compiler cannot fold. */
import type {
  Assignment,
  Context,
  Data,
  Declaration,
  Expression,
  FunctionNode,
  Statement,
} from 'wgsl_reflect/wgsl_reflect.module.js';
import { WgslExec } from 'wgsl_reflect/wgsl_reflect.module.js';
import { CosmicError } from '../psa/errors.js';
import { CallPath, type OperationKind } from './callPath.js';
import { Branch, Shadow } from './shadow.js';
import { hasCalls, isBranch, leaves } from './syntax.js';

/** Built-in functions that move or convert and do not compute. */
const NO_OPERATION = new Set(['bitcast', 'atomicLoad', 'atomicStore']);
/** Memory that other threads or the host write. */
const SHARED_STORAGE = new Set(['uniform', 'storage', 'workgroup']);

/** Whether the interpreter finds a value outside the shader: in a binding or in a built-in input. */
function isGiven(name: string, context: Context): boolean {
  const variable = context.getVariable(name);
  return variable !== null && (variable.name.startsWith('@') || SHARED_STORAGE.has(variable.node?.storage ?? ''));
}

/**
 * An operation varies if one of its operands does: if it reads what the host hands over, or what was computed from that or
 * written under a condition on it. Others are folded by a compiler that inlines functions and unrolls loops.
 */
export class CountingExec extends WgslExec {
  /** Names of arrays and vectors, other than buffers, that were accessed at an index that varies. */
  readonly indexed = new Set<string>();
  private readonly shadow = new Shadow();
  private readonly calls = new CallPath();
  private path = this.calls;
  private branch = new Branch();
  /** Whether one of the expressions varies that were evaluated so far inside the current one. */
  private varies = false;
  private returned = false;
  private muted = false;
  /** What operands came to: without recursion, an operator's are those that were evaluated last. */
  private readonly values = new WeakMap<Expression, { readonly data: Data; readonly varies: boolean }>();

  /** How many operations of a kind ran, of those that vary or of those that do not. */
  count(kind: OperationKind, varies: boolean): number {
    return this.calls.count(kind, varies);
  }

  /**
   * What the interpreter cannot do it says on stderr, and goes on with a wrong value: here that is an error.
   *
   * @throws CosmicError SHADER
   */
  override dispatchWorkgroups(...dispatch: Parameters<WgslExec['dispatchWorkgroups']>): void {
    const { error } = console;
    console.error = (...parts: unknown[]) => {
      const said = parts.filter((part) => typeof part !== 'object').join(' ');
      throw new CosmicError('SHADER', `the interpreter of WGSL cannot run ${dispatch[0]}: ${said}`, {
        remedy: 'write the kernel without it',
      });
    };
    try {
      super.dispatchWorkgroups(...dispatch);
    } finally {
      console.error = error;
    }
  }

  override _dispatchExec(entry: { readonly node: FunctionNode }, context: Context): void {
    for (const { node } of [...context.variables.values()]) if (node?.storage === 'private') this._var(node, context);
    this.branch = new Branch();
    super._dispatchExec(entry, context.clone());
  }

  override evalExpression(node: Expression, context: Context): Data | null {
    const [data, varies] = this.observe(() => this.evalVarying(node, context));
    if (data !== null) this.values.set(node, { data, varies });
    if (varies && this.branch.conditions.includes(node)) this.branch.split();
    this.varies ||= varies;
    return data;
  }

  private evalVarying(node: Expression, context: Context): Data | null {
    const data = super.evalExpression(node, context);
    if (data === null || node.name === undefined || node.astNodeType === 'callExpr') return data;
    const variable = context.getVariable(node.name);
    if (variable === null) return data;
    // The expressions inside one that reads a variable are its indices.
    if (this.varies) this.index(node, context);
    const part = this.shadow.of(data).buffer === this.shadow.of(variable.value).buffer ? data : variable.value;
    this.varies ||= isGiven(node.name, context) || this.shadow.varies(part);
    // A value read stays as it was, whatever the rest of the expression writes.
    return data.data === undefined ? data : data.clone();
  }

  override _evalBinaryOp(node: Expression, context: Context): Data | null {
    const ends = node.operator === '||' ? 1 : node.operator === '&&' ? 0 : undefined;
    if (ends !== undefined && hasCalls(node.right!)) {
      const left = this.evalExpression(node.left!, context);
      return left?.data?.[0] === ends ? left : this.evalExpression(node.right!, context);
    }
    const data = super._evalBinaryOp(node, context);
    const [left, right] = [node.left!, node.right!].map((operand) => this.values.get(operand)!);
    const operator = node.operator!;
    if (operator === '&&' || operator === '||') {
      // A constant operand decides, or leaves the other.
      const decides = [left!, right!].some(
        (side) => !side.varies && Boolean(side.data.data![0]) === (operator === '||'),
      );
      this.operation(node, 'bool', left!.varies && right!.varies);
      if (decides) this.varies = false;
      return data;
    }
    const [type, other] = [left!, right!].map((side) => side.data.typeInfo.getTypeName());
    // A scalar beside a vector stands for one, and a literal takes the type of what it is beside.
    this.operation(node, other!.startsWith('vec') || type === 'x32' ? other! : type!, this.varies);
    return data;
  }

  override _callBuiltinFunction(node: Expression, context: Context): Data | null {
    const data = super._callBuiltinFunction(node, context);
    if (data === null || NO_OPERATION.has(node.name!)) return data;
    if (node.name === 'select') this.select(node, data, context);
    else this.operation(node, data.typeInfo.getTypeName(), this.varies);
    return data;
  }

  /** A selection by a constant is no operation. By what varies, both values are computed, of which the interpreter chose one. */
  private select(node: Expression, data: Data, context: Context): void {
    const [no, yes, condition] = node.args as [Expression, Expression, Expression];
    const chosen = this.values.get(condition)!;
    if (chosen.varies && chosen.data.data!.length === 1) this.evalExpression(chosen.data.data![0] ? no : yes, context);
    this.operation(node, data.typeInfo.getTypeName(), chosen.varies);
  }

  override _call(node: Expression, context: Context): void {
    if (this.callFunction(node, context) === undefined) super._call(node, context);
  }

  override _evalCallValue(node: Expression, context: Context): Data | null {
    const result = this.callFunction(node, context);
    return result === undefined ? super._evalCallValue(node, context) : result;
  }

  /** Calls a function of the shader, which sees its arguments and the module, not the caller's variables; undefined: is none. */
  private callFunction(node: Expression, context: Context): Data | null | undefined {
    const called = context.getFunction(node.name!);
    if (called === null) return undefined;
    let module = context;
    while (module.parent !== null && !module.functions.has(node.name!)) module = module.parent;
    const scope = module.clone();
    called.node.args.forEach((argument, i) => {
      const [value, varies] = this.observe(() => this.evalExpression(node.args![i]!, context)!.clone());
      if (varies) this.shadow.of(value).fill(1);
      scope.createVariable(argument.name, value, argument);
    });
    const { path, branch, varies } = this;
    this.path = path.into(node);
    this.branch = new Branch();
    this.returned = false;
    const result = this._execStatements(called.node.body, scope);
    this.branch.end(branch, false);
    // Which of several values is returned may vary.
    this.varies = varies || this.returned || this.branch.varies;
    this.path = path;
    this.branch = branch;
    return result;
  }

  override execStatement(node: Statement, context: Context): Data | null {
    if (node.astNodeType === 'return') {
      const [result, varies] = this.observe(() => super.execStatement(node, context));
      this.returned = varies;
      return result;
    }
    if (!isBranch(node)) return super.execStatement(node, context);
    const outer = this.branch;
    this.branch = new Branch([node.condition ?? null, ...(node.elseif ?? []).map(({ condition }) => condition)]);
    const result = super.execStatement(node, context);
    this.branch.end(outer, leaves(node));
    this.branch = outer;
    return result;
  }

  /** A `break` in a case ends the switch, not the loop around it. */
  override _switch(node: Statement, context: Context): Data | null {
    const result = super._switch(node, context);
    return result === WgslExec._breakObj ? null : result;
  }

  override _let(node: Declaration, context: Context): void {
    this.declare(node, context, () => super._let(node, context));
  }

  override _var(node: Declaration, context: Context): void {
    this.declare(node, context, () => super._var(node, context));
  }

  private declare(node: Declaration, context: Context, create: () => void): void {
    const [, varies] = this.observe(create);
    if (varies) this.shadow.of(context.getVariable(node.name)!.value).fill(1);
  }

  override _assign(node: Assignment, context: Context): void {
    const [target, indexVaries] = this.observe(() => this.mute(() => this._getVariableData(node.variable, context)!));
    const marks = this.shadow.of(target);
    const [, valueVaries] = this.observe(() => super._assign(node, context));
    const updates = node.operator !== '=';
    const varies = valueVaries || (updates && marks.includes(1));
    if (updates) this.operation(node, target.typeInfo.getTypeName(), varies, node.operator.slice(0, -1));
    if (indexVaries) {
      this.index(node.variable, context);
      this.write(this.shadow.of(context.getVariable(node.variable.name!)!.value), true);
    } else {
      this.write(marks, varies);
    }
  }

  override _increment(node: Assignment, context: Context): void {
    super._increment(node, context);
    const { value } = context.getVariable(node.variable.name!)!;
    const varies = this.shadow.varies(value);
    this.operation(node, value.typeInfo.getTypeName(), varies);
    this.write(this.shadow.of(value), varies);
  }

  private write(marks: Uint8Array, varies: boolean): void {
    marks.fill(varies ? 1 : 0);
    this.branch.write(marks);
  }

  private index(node: Expression, context: Context): void {
    if (!this.muted && !isGiven(node.name!, context)) this.indexed.add(node.name!);
  }

  private operation(
    node: Expression | Assignment,
    type: string,
    varies: boolean,
    operator = node.operator ?? '',
  ): void {
    if (!this.muted) this.path.add(node, operator, type, varies);
  }

  /** What `run` returns, and whether one of the expressions varies that it evaluates. */
  private observe<T>(run: () => T): [T, boolean] {
    const outer = this.varies;
    this.varies = false;
    const result = run();
    const { varies } = this;
    this.varies = outer;
    return [result, varies];
  }

  /** Evaluates without counting. */
  private mute<T>(run: () => T): T {
    const outer = this.muted;
    this.muted = true;
    const result = run();
    this.muted = outer;
    return result;
  }
}
