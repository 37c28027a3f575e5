/** The package's ES module has no declarations of its own; what the operation count uses of its interpreter. */
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  /** A value with its type: `f32`, `vec4u`, `bool` … */
  export interface Data {
    readonly typeInfo: { readonly name: string };
  }

  export interface Expression {
    readonly operator?: string;
    readonly name?: string;
    readonly left?: Expression;
    readonly right?: Expression;
  }

  export interface Assignment {
    readonly operator: string;
    readonly value: Expression;
  }

  export class WgslParser {
    parse(code: string): object[];
  }

  export class WgslExec {
    constructor(ast: object[]);
    /** `bindings`: by group, then by binding. */
    dispatchWorkgroups(
      entry: string,
      count: number,
      bindings: Readonly<
        Record<number, Readonly<Record<number, Uint32Array | Float32Array | { uniform: Uint32Array }>>>
      >,
    ): void;
    evalExpression(node: Expression, context: object): Data | null;
    _evalBinaryOp(node: Expression, context: object): Data | null;
    _callBuiltinFunction(node: Expression, context: object): Data | null;
    _assign(node: Assignment, context: object): void;
  }
}
