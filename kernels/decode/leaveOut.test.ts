import { describe, expect, it } from 'vitest';
import { loadShader } from '../../host/backends/webgpu/shader.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { DECODE_MODE } from './decode.js';
import { leaveOut, truthOf } from './leaveOut.js';

const known = new Map([
  ['HAS_A', false],
  ['HAS_B', true],
]);

describe('truthOf', () => {
  it.each([
    ['HAS_A', false],
    ['!HAS_A', true],
    ['HAS_A && x > 0.0', false],
    ['x > 0.0 && HAS_B', undefined],
    ['!HAS_B || x > 0.0', undefined],
    ['x > 0.0 || HAS_B', true],
    ['(HAS_A || HAS_B) && !HAS_A', true],
    ['f(HAS_A && x) || HAS_A', undefined],
    ['select(a, b, HAS_A)', undefined],
  ])('knows of %s: %s', (condition, value) => {
    expect(truthOf(condition, known)).toBe(value);
  });
});

describe('leaveOut', () => {
  const left = (...lines: string[]) => leaveOut([lines.join('\n')], known)[0]!.split('\n');

  it('leaves out what never runs, a line for a line', () => {
    expect(left('a();', 'if (HAS_A) {', '  b();', '}', 'c();')).toEqual(['a();', '', '', '', 'c();']);
    expect(left('if (HAS_A) {', '  b();', '} else {', '  c();', '}')).toEqual(['', '', 'if (true) {', '  c();', '}']);
    expect(left('if (HAS_A) {', '  b();', '} else if (x) {', '  c();', '}')).toEqual([
      '',
      '',
      'if (x) {',
      '  c();',
      '}',
    ]);
    expect(left('if (HAS_B) {', '  b();', '} else if (x) {', '  c();', '} else {', '  d();', '}')).toEqual([
      'if (true) {',
      '  b();',
      '}',
      '',
      '',
      '',
      '',
    ]);
    expect(left('  if (HAS_A) { b(); }', '  if (HAS_B) { c(); }')).toEqual(['', '  if (HAS_B) { c(); }']);
    expect(left('if (x) {', '  b();', '}')).toEqual(['if (x) {', '  b();', '}']);
  });

  it('leaves out what stands behind a return', () => {
    expect(
      left('fn f() -> f32 {', '  if (!HAS_A) {', '    return 0.0;', '  }', '  return g();', '}', 'const X = 1u;'),
    ).toEqual(['fn f() -> f32 {', '', '    return 0.0;', '', '', '}', 'const X = 1u;']);
  });

  it('follows constants and functions that are known through it', () => {
    const texts = [
      'fn a() -> bool {\n  return HAS_A && g();\n}',
      'const C = a() || HAS_A;\nif (a()) {\n  b();\n}\nif (!C) {\n  c();\n}',
    ];
    expect(leaveOut(texts, known)).toEqual([
      'fn a() -> bool {\n  return false;\n}',
      'const C = a() || HAS_A;\n\n\n\nif (true) {\n  c();\n}',
    ]);
  });

  it('leaves of the decoder what decodes designs of one kind', () => {
    const shader = loadShader(compilePsa(loadPsa('cosmic-full')));
    const calls = { ordinals: 'decode_ordinal(index', samples: 'decode_sample(sample', digits: 'decode_digits(index' };
    for (const [kind, own] of Object.entries(calls)) {
      const { code } = shader.decoding(DECODE_MODE[kind as keyof typeof DECODE_MODE]);
      const decode = /^fn decode\(.*?^\}/ms.exec(code)![0];
      expect(Object.values(calls).filter((call) => decode.includes(call))).toEqual([own]);
      expect(code.split('\n').length).toBe(shader.code.split('\n').length);
    }
  });

  it('leaves no condition in a shader that a feature decides', () => {
    const { code } = loadShader(compilePsa(loadPsa('cosmic-full', { system: 'dgx-a100', model: 'gpt3-13b' })));
    const off = [...code.matchAll(/^const (HAS_\w+): bool = false;$/gm)].map(([, name]) => name!);
    expect(off.length).toBeGreaterThan(10);
    const decided = code
      .split('\n')
      .filter((line) => /^ *if \(/.test(line) && off.some((name) => line.includes(`if (${name})`)));
    expect(decided).toEqual([]);
  });
});
