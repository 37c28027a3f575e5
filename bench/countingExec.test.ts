/** Programs whose operations can be counted by hand. */

import { describe, expect, it } from 'vitest';
import { CountingExec } from './countingExec.js';
import { parseShader, privateVariables } from './syntax.js';

const DECLARATIONS = `
@group(0) @binding(0) var<storage, read> given: array<f32>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;
var<private> kept: array<f32, 4>;
var<private> points: array<vec4<f32>, 2>;
var<private> total: f32;
`;

/** Runs the body of an entry point for two threads, of which `x` is the value that is given. */
function run(body: string, functions = '', given = [2, -2]) {
  const entry = `@compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let x = given[id.x];
    ${body}
  }`;
  const exec = new CountingExec(parseShader(DECLARATIONS + functions + entry));
  const result = new Float32Array(given.length);
  exec.dispatchWorkgroups('main', given.length, { 0: { 0: Float32Array.from(given), 1: result } });
  const count = (varies: boolean): number[] => [
    exec.count('f32', varies),
    exec.count('f32Divisions', varies),
    exec.count('integer', varies),
  ];
  return { varying: count(true), folded: count(false), indexed: [...exec.indexed], result: [...result] };
}

const SCALE = 'fn scale(kind: u32, y: f32) -> f32 { if (kind == 1u) { return y * 2.0; } return y; }';
const STEP = 'fn step_of(y: f32) -> f32 { if (y < 0.0) { return 0.0; } return 1.0; }';
const KEEP = 'fn keep(y: f32) { total = 2.0; if (y < 0.0) { return; } total = 3.0; }';

describe('operations by what they hang on', () => {
  // For both threads together: [f32, divisions of f32, others] that vary, and the same of those on constants.
  it.each<[string, string, string, number[], number[]]>([
    ['what is given', 'result[0] = x * x / 3.0 + 1.0;', '', [4, 2, 0], [0, 0, 0]],
    ['constants', 'let y = 2.0; let z = y * y; result[0] = x + z;', '', [2, 0, 0], [2, 0, 0]],
    ['constant arguments', 'result[0] = scale(1u, x);', SCALE, [2, 0, 0], [0, 0, 2]],
    ['arguments that vary', 'result[0] = scale(u32(x), 3.0);', SCALE, [0, 0, 2], [0, 0, 0]],
    ['loops of constant length', 'for (var i = 0u; i < 3u; i++) { total += x; }', '', [6, 0, 0], [0, 0, 14]],
    [
      'loops of a length that varies',
      'var n = 0u; for (var i = 0.0; i < x; i += 1.0) { n += 2u; }',
      '',
      [6, 0, 2],
      [0, 0, 0],
    ],
    ['elements', 'kept[0] = x; kept[1] = 2.0; total = kept[0] + kept[1] * kept[1];', '', [2, 0, 0], [2, 0, 0]],
    [
      'components',
      'points[1] = vec4<f32>(x); let p = points[1] * points[0]; total = p.y - p.z;',
      '',
      [10, 0, 0],
      [0, 0, 0],
    ],
    [
      'whole numbers',
      'let n = vec2<u32>(u32(x), 3u); let m = n << vec2<u32>(1u); result[0] = f32(m.x);',
      '',
      [0, 0, 4],
      [0, 0, 0],
    ],
    ['what was kept for another thread', 'total = total + 1.0; total = x;', '', [0, 0, 0], [2, 0, 0]],
    // In the branch y is 3, behind it one of two values.
    [
      'writes of a branch',
      'var y = 1.0; if (x > 0.0) { y = 3.0; total = y + 1.0; } total = y + 2.0;',
      '',
      [4, 0, 0],
      [1, 0, 0],
    ],
    ['one of several results', 'total = step_of(x) + 1.0;', STEP, [4, 0, 0], [0, 0, 0]],
    ['what is behind a return', 'keep(x); total = total + 1.0;', KEEP, [4, 0, 0], [0, 0, 0]],
    ['what another path overwrites', 'keep(x); total = 1.0; total = total + 1.0;', KEEP, [2, 0, 0], [2, 0, 0]],
    ['both values of a selection', 'total = select(x + 1.0, x + 2.0, x > 0.0);', '', [8, 0, 0], [0, 0, 0]],
    ['one value where it is known which', 'total = select(x + 1.0, x + 2.0, true);', '', [2, 0, 0], [2, 0, 0]],
    [
      'a constant side of a conjunction',
      'let a = x > 0.0; let b = a && true; total = select(0.0, 1.0, b);',
      '',
      [4, 0, 0],
      [0, 0, 2],
    ],
    ['one that decides it', 'let b = x > 0.0 && false; total = select(0.0, 1.0, b);', '', [2, 0, 0], [2, 0, 2]],
  ])('%s', (_, body, functions, varying, folded) => {
    expect(run(body, functions)).toMatchObject({ varying, folded });
  });

  const BUMP = 'fn bump() -> f32 { total += 1.0; return total; } fn bumps() -> bool { return bump() > 0.0; }';
  const THREE =
    'fn three(k: u32) { switch k { case 1u: { kept[0] = 1.0; kept[1] = 2.0; kept[2] = 3.0; } default: {} } }';

  // [program, what it stores, and its functions]
  it.each<[string, string, number, string]>([
    ['every statement of a case', 'three(1u); result[0] = kept[0] + kept[1] + kept[2];', 6, THREE],
    [
      'the loop around a switch that breaks',
      'for (var i = 0u; i < 3u; i++) { switch i { case 1u: { break; } default: {} } result[0] += 1.0; }',
      3,
      '',
    ],
    ['a value before it is written', 'result[0] = total + bump();', 1, BUMP],
    ['what a call returned before the next', 'result[0] = bump() + bump();', 3, BUMP],
    ['a conjunction up to what decides it', 'if (x < 0.0 && bumps()) { } result[0] = total;', 0, BUMP],
  ])('evaluates %s as WGSL does', (_, body, expected, functions) => {
    expect(run(body, functions, [2]).result).toEqual([expected]);
  });

  it('refuses what the interpreter cannot do', () => {
    expect(() => run('result[0] = unknown(1.0);')).toThrow('the interpreter of WGSL cannot run main');
  });

  it('knows the arguments of a function from variables of its caller', () => {
    const nested = 'fn inner(y: f32) -> f32 { return y; } fn outer(y: f32) { total = inner(5.0); result[0] = y; }';
    expect(run('outer(x);', nested, [2]).result).toEqual([2]);
  });
});

describe('indices that vary', () => {
  it.each([
    ['of a private array that is read', 'total = kept[u32(x)];', ['kept']],
    ['of a private array that is written', 'kept[u32(x)] = 1.0;', ['kept']],
    ['of a vector', 'let p = vec4<f32>(1.0); total = p[u32(x)];', ['p']],
    ['of a constant array', 'const TABLE = array<f32, 3>(1.0, 2.0, 3.0); total = TABLE[u32(x)];', ['TABLE']],
    ['of a buffer', 'result[u32(x)] = given[u32(x)];', []],
    ['none: of a loop of constant length', 'for (var i = 0u; i < 4u; i++) { kept[i] = x; }', []],
  ])('%s', (_, body, indexed) => {
    expect(run(body, '', [1, 1]).indexed).toEqual(indexed);
  });

  it('make all elements vary that are written there', () => {
    expect(run('kept[u32(x)] = 1.0; total = kept[0] + 1.0;', '', [1, 1]).varying).toEqual([2, 0, 0]);
  });
});

describe('private variables', () => {
  it('are those that an entry point can reach', () => {
    const shader = parseShader(`${DECLARATIONS}
      fn keep() { kept[0] = 1.0; }
      fn call() { keep(); }
      @compute @workgroup_size(1) fn main() { call(); }
      @compute @workgroup_size(1) fn other() { total = points[0].x; }`);
    expect(privateVariables(shader, 'main').map(({ name }) => name)).toEqual(['kept']);
    expect(privateVariables(shader, 'other').map(({ name }) => name)).toEqual(['points', 'total']);
  });
});
