/** What the text of a shader says, without running it. */
import type { Declaration, FunctionNode, Node, Statement } from 'wgsl_reflect/wgsl_reflect.module.js';
import { WgslParser } from 'wgsl_reflect/wgsl_reflect.module.js';

/** The library's parser keeps two statements of a case and drops the rest. */
class ShaderParser extends WgslParser {
  override _case_body(): Statement[] {
    const body: Statement[] = [];
    for (let next = this._statement(); next !== null; next = this._statement()) body.push(...[next].flat());
    return body;
  }
}

export function parseShader(code: string): Node[] {
  return new ShaderParser().parse(code);
}

/** A node of the syntax tree and all that are inside it. */
function* nodesIn(node: unknown, seen = new Set<unknown>()): Iterable<Node> {
  if (typeof node !== 'object' || node === null || seen.has(node)) return;
  seen.add(node);
  if ('astNodeType' in node) yield node as Node;
  for (const child of Object.values(node)) yield* nodesIn(child, seen);
}

const LOOPS: readonly string[] = ['for', 'while', 'loop'];
const BRANCHES: readonly string[] = ['if', 'switch', ...LOOPS];

export function isBranch({ astNodeType }: Node): boolean {
  return BRANCHES.includes(astNodeType);
}

const leaving = new WeakMap<Node, boolean>();

/** Whether a branch may leave what it is in, so that what comes behind it there depends on it. */
export function leaves(branch: Node): boolean {
  const known = leaving.get(branch);
  if (known !== undefined) return known;
  const types = LOOPS.includes(branch.astNodeType) ? ['return'] : ['return', 'break', 'continue'];
  const answer = [...nodesIn(branch)].some(({ astNodeType }) => types.includes(astNodeType));
  leaving.set(branch, answer);
  return answer;
}

const writing = new WeakMap<Node, boolean>();

/** Whether an expression calls a function, which may write. */
export function hasCalls(expression: Node): boolean {
  const known = writing.get(expression);
  if (known !== undefined) return known;
  const answer = [...nodesIn(expression)].some(({ astNodeType }) => astNodeType === 'callExpr');
  writing.set(expression, answer);
  return answer;
}

const named = (node: Node): string => (node as Declaration).name;

/** The private variables of a shader that an entry point can reach: those that functions name which it calls. */
export function privateVariables(shader: readonly Node[], entry: string): Declaration[] {
  const functions = new Map(
    shader.filter(({ astNodeType }) => astNodeType === 'function').map((node) => [named(node), node as FunctionNode]),
  );
  const reached = new Set([entry]);
  for (const name of reached) {
    for (const node of nodesIn(functions.get(name)?.body)) if (named(node) !== undefined) reached.add(named(node));
  }
  const declarations = shader.filter(({ astNodeType }) => astNodeType === 'var') as Declaration[];
  return declarations.filter(({ name, storage }) => storage === 'private' && reached.has(name));
}
