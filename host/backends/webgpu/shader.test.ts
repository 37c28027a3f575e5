import { describe, expect, it } from 'vitest';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { processDevice } from './session.js';
import { compileShader, joinPieces } from './shader.js';

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
