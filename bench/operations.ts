/**
 * Counts the operations of the WGSL kernel for a design, by interpreting the very text that the GPU compiles: what runs is
 * counted, by the types of its operands, and what hangs on constants alone is counted apart, because a compiler folds it.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needsOf } from '../host/backends/webgpu/pipelines.js';
import { loadShader } from '../host/backends/webgpu/shader.js';
import { loadStructs } from '../host/backends/webgpu/structs.js';
import { DECODE_MODE, decodeDigits } from '../kernels/decode/decode.js';
import { packGenes } from '../kernels/decode/genes.js';
import { Goal } from '../kernels/objective/goal.js';
import { parseObjective } from '../kernels/objective/objective.js';
import { OUTPUT_COUNT } from '../kernels/outputs.js';
import { NO_THRESHOLD } from '../kernels/reduce/layout.js';
import { ordinalToDigits } from '../psa/ordinals.js';
import { packageRoot } from '../psa/packageRoot.js';
import type { CompiledSpace } from '../psa/space.js';
import type { OperationKind } from './callPath.js';
import { CountingExec } from './countingExec.js';
import { parseShader, privateVariables } from './syntax.js';

const structs = await loadStructs();

/** Means over designs; a vector operation counts once per component. */
export interface OperationCount {
  readonly designs: number;
  /** Additions, subtractions, multiplications, comparisons, minima, maxima and selections of f32. */
  readonly f32: number;
  readonly f32Divisions: number;
  /** Operations on whole numbers and truth values; addresses are not seen. */
  readonly integer: number;
  /** Operations of all kinds whose operands are constants, once functions are inlined; in none of the counts above. */
  readonly folded: number;
  /** All private variables that the entry point can reach: no thread has more to keep. */
  readonly privateBytes: number;
  /** What the kernel writes for each design of a batch. */
  readonly bytesWritten: number;
}

/** The rows of digits of the first random designs. */
function digitRows(space: CompiledSpace, designs: number): Uint32Array {
  const packed = packGenes(space);
  const rows = new Uint32Array(designs * packed.count);
  const source = { mode: DECODE_MODE.samples, digits: rows, seed: 1, startLow: 0, startHigh: 0 };
  for (let i = 0; i < designs; i++) {
    decodeDigits(packed, source, i, rows.subarray(i * packed.count, (i + 1) * packed.count));
  }
  return rows;
}

/** The interpreter knows no constant as a workgroup size, so each design has a workgroup of its own. */
function shaderForOneThread(space: CompiledSpace, { mode, everyOutput, goal }: Task): string {
  const { derived, named } = needsOf(goal, everyOutput);
  const walk = readFileSync(join(packageRoot, 'bench/walk.wgsl'), 'utf8');
  return `${loadShader(space).code}\n${walk}`
    .replaceAll('@workgroup_size(WORKGROUP_SIZE)', '@workgroup_size(1)')
    .replace(/^override WORKGROUP_SIZE: u32 = \d+u;/m, 'const WORKGROUP_SIZE: u32 = 1u;')
    .replace(/^override DECODING: u32 = \w+;/m, `const DECODING: u32 = ${mode}u;`)
    .replace(/^override EVERY_OUTPUT: bool = \w+;/m, `const EVERY_OUTPUT: bool = ${everyOutput};`)
    .replace(/^override DERIVED: u32 = \w+;/m, `const DERIVED: u32 = ${derived}u;`)
    .replace(/^override NAMED: u32 = \w+;/m, `const NAMED: u32 = ${named}u;`)
    .replaceAll(/^override/gm, 'const');
}

/** What interpreting the kernel for some designs gave. */
export interface InterpretedDesigns {
  readonly operations: OperationCount;
  /** Arrays and vectors, other than buffers, that are accessed at an index that varies: they cannot live in registers. */
  readonly indexed: readonly string[];
  /** As the kernel writes them: OUTPUT_COUNT numbers for each design. */
  readonly outputs: Float32Array;
  readonly status: Uint32Array;
}

/** What the interpreter is asked for. */
interface Task {
  readonly entry: 'evaluate' | 'walk_alone';
  readonly mode: number;
  readonly digits: Uint32Array;
  readonly everyOutput: boolean;
  readonly goal: Goal;
}

function interpret(space: CompiledSpace, designs: number, task: Task): InterpretedDesigns {
  const packed = packGenes(space);
  const outputs = new Float32Array(designs * OUTPUT_COUNT);
  const status = new Uint32Array(designs);
  const request = structs.view('Request');
  request.write({
    count: designs,
    seed: 0,
    startLow: 0,
    startHigh: 0,
    infeasible: task.goal.mask,
    pareto: 0,
    frontSize: 0,
    threshold: NO_THRESHOLD,
    run: 1,
    limitCount: 0,
    limits: [],
  });
  const shader = parseShader(shaderForOneThread(space, task));
  const exec = new CountingExec(shader);
  exec.dispatchWorkgroups(task.entry, task.entry === 'walk_alone' ? 1 : designs, {
    0: {
      0: { uniform: new Uint32Array(request.memory) },
      1: Float32Array.from(packed.values),
      2: task.digits,
    },
    1: { 0: outputs, 1: status },
  });
  const varying = (kind: OperationKind): number => exec.count(kind, true) / designs;
  const operations = {
    designs,
    f32: varying('f32'),
    f32Divisions: varying('f32Divisions'),
    integer: varying('integer'),
    folded: (exec.count('f32', false) + exec.count('f32Divisions', false) + exec.count('integer', false)) / designs,
    privateBytes: privateVariables(shader, task.entry).reduce(
      (sum, { type }) => sum + exec.getTypeInfo(type!)!.size,
      0,
    ),
    bytesWritten: 4 * (OUTPUT_COUNT + 1),
  };
  return { operations, indexed: [...exec.indexed].sort(), outputs, status };
}

/** Interprets `evaluate` for the first random designs of a space, given as rows of digits; about 60 ms each. */
export function interpretDesigns(space: CompiledSpace, designs: number): InterpretedDesigns {
  const digits = digitRows(space, designs);
  const goal = new Goal(space, [parseObjective('time')]);
  return interpret(space, designs, { entry: 'evaluate', mode: DECODE_MODE.digits, digits, everyOutput: true, goal });
}

/**
 * Interprets one thread of a sweep that walks the ordinals from `start` on; `outputs` are their times alone, us.
 *
 * @param objective of the sweep: what it derives is computed, too
 */
export function interpretWalk(
  space: CompiledSpace,
  start: bigint,
  designs: number,
  objective = 'time',
): InterpretedDesigns {
  const digits = ordinalToDigits(space, start);
  return interpret(space, designs, {
    entry: 'walk_alone',
    mode: DECODE_MODE.ordinals,
    digits,
    everyOutput: false,
    goal: new Goal(space, [parseObjective(objective)]),
  });
}
