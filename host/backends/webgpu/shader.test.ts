import { describe, expect, it } from 'vitest';
import { DECODE_MODE } from '../../../kernels/decode/decode.js';
import { compilePsa, loadPsa } from '../../../psa/index.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { processDevice } from './session.js';
import { compileShader, joinPieces, loadShader } from './shader.js';

const pieces = [
  { file: 'one.wgsl', text: 'const ONE: u32 = 1u;\nconst TWO: u32 = 2u;\n' },
  { file: 'two.wgsl', text: '\nfn broken() -> u32 {\n  return nowhere;\n}' },
];

describe('joinPieces', () => {
  it('leads each line back to its file', () => {
    const { code, locate } = joinPieces(pieces);
    const lines = code.split('\n');
    const found = lines.map((line, i) => ({ text: line, ...locate(i + 1) }));
    expect(found.find(({ text }) => text.includes('TWO'))).toMatchObject({ file: 'one.wgsl', line: 2 });
    expect(found.find(({ text }) => text.includes('nowhere'))).toMatchObject({ file: 'two.wgsl', line: 3 });
  });
});

describe('compileShader', () => {
  it('names the file and line of an error', async ({ skip }) => {
    if (!(await webgpuAvailable())) skip();
    const open = await processDevice();
    await expect(compileShader(open.device, joinPieces(pieces))).rejects.toMatchObject({
      code: 'SHADER',
      file: 'two.wgsl',
      line: 3,
    });
  });
});

/** Loops of each function of a shader once drivers have inlined all calls. */
function loopsInlined(code: string): (name: string) => number {
  const bodies = new Map<string, string>();
  for (const [, name, body] of code
    .replace(/\/\/.*$/gm, '')
    .matchAll(/\bfn (\w+)\((.*?\n?)(?=\bfn \w+\(|$(?![\s\S]))/gs)) {
    bodies.set(name!, body!);
  }
  const counts = new Map<string, number>();
  return function count(name): number {
    const known = counts.get(name);
    if (known !== undefined) return known;
    const body = bodies.get(name)!;
    const called = [...body.matchAll(/\b(\w+)\(/g)].map(([, callee]) => callee!).filter((callee) => bodies.has(callee));
    const loops: number = called.reduce((sum, callee) => sum + count(callee), [...body.matchAll(/\bfor \(/g)].length);
    counts.set(name, loops);
    return loops;
  };
}

describe('loadShader', () => {
  // Mesa unrolls 380 loops of cosmic-extended in 25 s, and works through all of the shader for each.
  it.each(['evaluate', 'sweep', 'walk'])('has few loops for drivers to unroll: %s', (entry) => {
    const space = compilePsa(loadPsa('cosmic-extended', { system: 'cosmic-1024', model: 'gpt3-175b' }));
    const loops = loopsInlined(loadShader(space).decoding(DECODE_MODE.ordinals).code);
    expect(loops('objective_value')).toBeGreaterThan(0);
    // A loop of more than 32 turns stays, and all that it indexes is in memory: a walk took half as long again.
    expect(loops('start_outputs')).toBe(0);
    expect(loops(entry)).toBeGreaterThan(1);
    expect(loops(entry)).toBeLessThan(20);
  });

  it.each(['sweep', 'walk'])('has no loop over the designs of a thread that takes one: %s', (entry) => {
    const shader = loadShader(compilePsa(loadPsa('cosmic-full')));
    const [one, several] = [1, 2].map((designs) =>
      loopsInlined(shader.decoding(DECODE_MODE.samples, designs).code)(entry),
    );
    expect(one).toBe(several! - 1);
  });
});
