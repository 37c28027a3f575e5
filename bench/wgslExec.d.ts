/** The package's ES module has no declarations of its own; what the operation count uses of its interpreter. */
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  /** A value with its type: `f32`, `vec4u`, `bool` …; its size is in bytes. Numbers and vectors have `data`, arrays and structures `buffer` and `offset`. */
  export interface Data {
    readonly typeInfo: { readonly size: number; getTypeName(): string };
    readonly data?: Float32Array | Uint32Array | Int32Array;
    readonly buffer?: ArrayBufferLike;
    /** Bytes. */
    readonly offset?: number;
    clone(): Data;
  }

  export interface Node {
    readonly astNodeType: string;
  }

  /** Also a call as a statement. */
  export interface Expression extends Node {
    readonly operator?: string;
    readonly name?: string;
    readonly left?: Expression;
    readonly right?: Expression;
    readonly args?: readonly Expression[];
  }

  export interface Statement extends Node {
    readonly name?: string;
    readonly condition?: Expression | null;
    readonly elseif?: readonly { readonly condition: Expression }[] | null;
  }

  export interface Declaration extends Node {
    readonly name: string;
    readonly storage?: string | null;
    readonly type?: object | null;
  }

  export interface FunctionNode extends Node {
    readonly name: string;
    readonly args: readonly Declaration[];
    readonly body: readonly Statement[];
  }

  /** `i++` is one, too, without a value. */
  export interface Assignment extends Node {
    readonly operator: string;
    readonly variable: Expression;
    readonly value: Expression;
  }

  /** A scope. */
  export interface Context {
    readonly parent: Context | null;
    readonly variables: ReadonlyMap<string, Variable>;
    readonly functions: ReadonlyMap<string, unknown>;
    getVariable(name: string): Variable | null;
    getFunction(name: string): { readonly node: FunctionNode } | null;
    createVariable(name: string, value: Data, node?: Declaration): void;
    /** A scope inside this one. */
    clone(): Context;
  }

  export interface Variable {
    /** `@global_invocation_id`: of a built-in value. */
    readonly name: string;
    readonly value: Data;
    readonly node: Declaration | null;
  }

  export class WgslParser {
    parse(code: string): Node[];
    _statement(): Statement | Statement[] | null;
    _case_body(): Statement[];
  }

  export class WgslExec {
    /** What `break` returns. */
    static readonly _breakObj: Data;
    constructor(ast: readonly Node[]);
    /** `bindings`: by group, then by binding. */
    dispatchWorkgroups(
      entry: string,
      count: number,
      bindings: Readonly<
        Record<number, Readonly<Record<number, Uint32Array | Float32Array | { uniform: Uint32Array }>>>
      >,
    ): void;
    getTypeInfo(type: object): { readonly size: number } | null;
    execStatement(node: Statement, context: Context): Data | null;
    evalExpression(node: Expression, context: Context): Data | null;
    _dispatchExec(entry: { readonly node: FunctionNode }, context: Context): void;
    _execStatements(nodes: readonly Statement[], context: Context): Data | null;
    _evalBinaryOp(node: Expression, context: Context): Data | null;
    _evalCallValue(node: Expression, context: Context): Data | null;
    _callBuiltinFunction(node: Expression, context: Context): Data | null;
    _call(node: Expression, context: Context): void;
    _switch(node: Statement, context: Context): Data | null;
    _let(node: Declaration, context: Context): void;
    _var(node: Declaration, context: Context): void;
    _assign(node: Assignment, context: Context): void;
    _increment(node: Assignment, context: Context): void;
    /** The place of a variable, or of a part of it. */
    _getVariableData(node: Expression, context: Context): Data | null;
  }
}
