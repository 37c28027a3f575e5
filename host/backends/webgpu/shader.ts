import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boxProgram } from '../../../kernels/bound/boxProgram.js';
import { boundModules, boundPrelude } from '../../../kernels/bound/modules.js';
import { DECODE_MODE } from '../../../kernels/decode/decode.js';
import {
  DECODER,
  type DecodeMode,
  knownDecoding,
  knownFeatures,
  knownRounds,
  leaveOut,
  SWEEPER,
} from '../../../kernels/decode/leaveOut.js';
import { wgslModules, wgslPrelude, wgslProgram } from '../../../kernels/modules.js';
import { CosmicError } from '../../../psa/errors.js';
import { packageRoot } from '../../../psa/packageRoot.js';
import type { CompiledSpace } from '../../../psa/space.js';

/** WGSL and the file that it comes from. */
interface Source {
  readonly file: string;
  readonly text: string;
}

/** A piece of the shader, and the line of the whole on which it begins (1-based). */
interface Piece extends Source {
  readonly firstLine: number;
}

/** WGSL put together from its modules. */
export interface Shader {
  readonly code: string;
  /** File and line that a line of the code comes from. */
  locate(line: number): { file: string; line: number };
}

/** Puts pieces of WGSL together. */
export function joinPieces(sources: readonly Source[]): Shader {
  const pieces: Piece[] = [];
  let firstLine = 1;
  for (const { file, text } of sources) {
    pieces.push({ file, text, firstLine });
    firstLine += text.split('\n').length;
  }
  return {
    code: pieces.map(({ text }) => text).join('\n'),
    locate(line) {
      const piece = pieces.findLast((candidate) => candidate.firstLine <= line) ?? pieces[0]!;
      return { file: piece.file, line: line - piece.firstLine + 1 };
    },
  };
}

function readModules(files: readonly string[]): Source[] {
  return files.map((file) => ({ file, text: readFileSync(join(packageRoot, file), 'utf8') }));
}

/** The compute shader for a space: generated constants, what is of this space alone, then all modules. */
export interface SpaceShader extends Shader {
  /** The same for designs whose index means one thing, so many in a thread, without what decodes and shares others. */
  decoding(mode: DecodeMode, designsPerThread?: number): Shader;
  /** The same of rows of digits, with what bounds boxes, which few need. */
  boxes(): Shader;
}

/** Pieces put together for designs whose index means one thing, so many in a thread. */
function decoding(pieces: readonly Source[], mode: DecodeMode, designsPerThread = 1): Shader {
  const knownIn = new Map([
    [DECODER, knownDecoding(mode)],
    [SWEEPER, knownRounds(designsPerThread)],
  ]);
  return joinPieces(
    pieces.map(({ file, text }) => {
      const known = knownIn.get(file);
      return { file, text: known === undefined ? text : leaveOut([text], known)[0]! };
    }),
  );
}

/** The whole compute shader for a space. */
export function loadShader(space: CompiledSpace): SpaceShader {
  const features = knownFeatures(space);
  const within = (sources: readonly Source[]): Source[] => {
    const texts = leaveOut(
      sources.map(({ text }) => text),
      features,
    );
    return sources.map(({ file }, i) => ({ file, text: texts[i]! }));
  };
  const pieces = [
    { file: 'kernels/modules.ts (wgslPrelude)', text: wgslPrelude() },
    { file: 'kernels/modules.ts (wgslProgram)', text: wgslProgram(space) },
    ...readModules(wgslModules),
  ];
  const boxPieces = () => [
    { file: 'kernels/bound/modules.ts (boundPrelude)', text: boundPrelude() },
    { file: 'kernels/bound/boxProgram.ts', text: boxProgram(space) },
    ...readModules(boundModules),
  ];
  const left = within(pieces);
  return {
    ...joinPieces(left),
    decoding: (mode, designsPerThread) => decoding(left, mode, designsPerThread),
    boxes: () => decoding(within([...pieces, ...boxPieces()]), DECODE_MODE.digits),
  };
}

/**
 * Compiles modules that are the same for all spaces.
 *
 * @param prelude their constants
 * @throws CosmicError SHADER
 */
export function compileModules(device: GPUDevice, prelude: Source, files: readonly string[]): Promise<GPUShaderModule> {
  return compileShader(device, joinPieces([prelude, ...readModules(files)]));
}

/**
 * Compiles a shader.
 *
 * @throws CosmicError SHADER with the file and line of the first error
 */
export async function compileShader(device: GPUDevice, shader: Shader): Promise<GPUShaderModule> {
  // The module's own messages say more than the scope's error, which must not reach the device's handler.
  device.pushErrorScope('validation');
  const compiled = device.createShaderModule({ code: shader.code });
  const scope = device.popErrorScope();
  const { messages } = await compiled.getCompilationInfo();
  await scope;
  const error = messages.find(({ type }) => type === 'error');
  if (error === undefined) return compiled;
  throw new CosmicError('SHADER', `WGSL does not compile: ${error.message}`, {
    ...shader.locate(error.lineNum),
    remedy: 'mend the .wgsl file; until then use --backend cpu',
  });
}
