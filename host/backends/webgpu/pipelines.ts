import { DECODE_MODE, type Source } from '../../../kernels/decode/decode.js';
import { type Grid, gridOf, type Tuning } from '../../../kernels/entry/grid.js';
import type { Goal } from '../../../kernels/objective/goal.js';
import { OUTPUTS, type OutputName } from '../../../kernels/outputs.js';
import { derivedBits } from '../../../kernels/quantities/deriveProgram.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { compileShader, loadShader, type SpaceShader } from './shader.js';

/** What can be asked of a design, or of a box. Names of the entry points. */
export type EntryPoint = 'evaluate' | 'sweep' | 'walk' | 'evolve' | 'elect' | 'bound';

const isSweep = (entry: EntryPoint): boolean => entry === 'sweep' || entry === 'walk';

/** May a pipeline leave out outputs that nobody reads? */
const skipsOutputs = (entry: EntryPoint): boolean => isSweep(entry) || entry === 'evolve' || entry === 'bound';

/** Types of the bindings of group 0, as in kernels/entry/bindings.wgsl. */
export const SPACE_BINDINGS: readonly GPUBufferBindingType[] = ['uniform', 'read-only-storage', 'read-only-storage'];

/** Types of the bindings of group 1, from the first that an entry point uses. */
export const TASK_BINDINGS: Readonly<
  Record<EntryPoint, { readonly first: number; readonly types: readonly GPUBufferBindingType[] }>
> = {
  evaluate: { first: 0, types: ['storage', 'storage'] },
  sweep: { first: 2, types: ['read-only-storage', 'uniform', 'storage', 'storage'] },
  walk: { first: 2, types: ['read-only-storage', 'uniform', 'storage', 'storage'] },
  evolve: { first: 2, types: ['read-only-storage'] },
  elect: { first: 2, types: ['read-only-storage'] },
  bound: { first: 0, types: ['storage', 'storage', 'read-only-storage'] },
};

/** Types of the bindings of group 2, which evolve and elect have; the last moves along a buffer. */
export const EVOLUTION_BINDINGS: readonly GPUBufferBindingType[] = ['storage', 'storage', 'uniform', 'uniform'];

/** What a pipeline computes of a design besides what all objectives may read. */
export interface OutputNeeds {
  /** All outputs that are simulated. */
  readonly everyOutput: boolean;
  /** Derived outputs, as bits. */
  readonly derived: number;
  /** Those of them that the goal names, as bits. */
  readonly named: number;
  /** Objectives of a sweep. */
  readonly objectives: number;
  /** Terms of the longest objective. */
  readonly terms: number;
}

const NO_NEEDS: OutputNeeds = { everyOutput: false, derived: 0, named: 0, objectives: 1, terms: 1 };

/**
 * What a goal needs. Limits may ask for any output, also of designs that are infeasible.
 *
 * @param everyOutput whatever the goal
 */
export function needsOf({ named, outputs, limits, objectives }: Goal, everyOutput = false): OutputNeeds {
  return {
    everyOutput: everyOutput || limits.length > 0,
    derived: derivedBits(everyOutput ? OUTPUT_NAMES : outputs),
    named: derivedBits(named),
    objectives: objectives.length,
    terms: Math.max(...objectives.map(({ terms }) => terms.length)),
  };
}

const OUTPUT_NAMES: ReadonlySet<OutputName> = new Set(OUTPUTS.map(({ name }) => name));

/** The pipelines of a device for one space; each is made when it is first asked for. */
export interface Pipelines {
  readonly spaceLayout: GPUBindGroupLayout;
  readonly taskLayouts: Readonly<Record<EntryPoint, GPUBindGroupLayout>>;
  readonly evolutionLayout: GPUBindGroupLayout;
  /**
   * @param mode what the index of a design means; evolve and elect have their own designs
   * @param needs of a sweep, a walk, evolve or bound: EVERY_OUTPUT, DERIVED and NAMED in simulate.wgsl, TERM_COUNT in objective.wgsl, OBJECTIVE_COUNT in reduce.wgsl; of one objective of one term no more unless given
   * @throws CosmicError SHADER
   */
  pipeline(entry: EntryPoint, mode?: Source['mode'], needs?: OutputNeeds): Promise<GPUComputePipeline>;
  /** The workgroups of a dispatch over `count` designs. */
  grid(entry: EntryPoint, count: number): Grid;
}

/** @param moving the binding whose place in its buffer each dispatch chooses */
function createLayout(
  device: GPUDevice,
  types: readonly GPUBufferBindingType[],
  first = 0,
  moving?: number,
): GPUBindGroupLayout {
  return device.createBindGroupLayout({
    entries: types.map((type, i) => ({
      binding: first + i,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type, hasDynamicOffset: first + i === moving },
    })),
  });
}

/**
 * The kernels for a space, each compiled when it is first asked for.
 *
 * @param shader `loadShader` of the space, whose genes and op graphs are constants there
 */
export function createPipelines(device: GPUDevice, shader: SpaceShader, tuning: Tuning): Pipelines {
  const spaceLayout = createLayout(device, SPACE_BINDINGS);
  const evolutionLayout = createLayout(device, EVOLUTION_BINDINGS, 0, EVOLUTION_BINDINGS.length - 1);
  const { evaluate, sweep, evolve, bound } = TASK_BINDINGS;
  const reduced = createLayout(device, sweep.types, sweep.first);
  const ranked = createLayout(device, evolve.types, evolve.first);
  const taskLayouts = {
    evaluate: createLayout(device, evaluate.types, evaluate.first),
    sweep: reduced,
    walk: reduced,
    evolve: ranked,
    elect: ranked,
    bound: createLayout(device, bound.types, bound.first),
  };
  const made = new Map<string, Promise<GPUComputePipeline>>();

  const groupsOf = (entryPoint: EntryPoint): GPUBindGroupLayout[] => {
    const groups = [spaceLayout, taskLayouts[entryPoint]];
    return entryPoint === 'evolve' || entryPoint === 'elect' ? [...groups, evolutionLayout] : groups;
  };

  /** The constants that an entry point has; it must be given no others. */
  const constantsOf = (entryPoint: EntryPoint, needs: OutputNeeds): Record<string, number> => ({
    WORKGROUP_SIZE: tuning.workgroupSize,
    ...(isSweep(entryPoint) ? { DESIGNS_PER_THREAD: tuning.designsPerThread, OBJECTIVE_COUNT: needs.objectives } : {}),
    ...(skipsOutputs(entryPoint) ? { EVERY_OUTPUT: Number(needs.everyOutput) } : {}),
    ...(isSweep(entryPoint) || entryPoint === 'evolve'
      ? { DERIVED: needs.derived, NAMED: needs.named, TERM_COUNT: needs.terms }
      : {}),
  });

  const modules = new Map<string, Promise<GPUShaderModule>>();
  const moduleOf = (entryPoint: EntryPoint, mode: Source['mode']): Promise<GPUShaderModule> => {
    const key = entryPoint === 'bound' ? 'boxes' : `decoding ${mode}`;
    const text = () => (entryPoint === 'bound' ? shader.boxes() : shader.decoding(mode, tuning.designsPerThread));
    const module = modules.get(key) ?? compileShader(device, text());
    modules.set(key, module);
    return module;
  };

  const make = async (entryPoint: EntryPoint, mode: Source['mode'], needs: OutputNeeds): Promise<GPUComputePipeline> =>
    device.createComputePipelineAsync({
      label: entryPoint,
      layout: device.createPipelineLayout({ bindGroupLayouts: groupsOf(entryPoint) }),
      compute: {
        module: await moduleOf(entryPoint, mode),
        entryPoint,
        constants: constantsOf(entryPoint, needs),
      },
    });

  return {
    spaceLayout,
    taskLayouts,
    evolutionLayout,
    pipeline(entry, mode = DECODE_MODE.digits, needs = NO_NEEDS) {
      const key = `${entry} ${mode} ${needs.everyOutput} ${needs.derived} ${needs.named} ${needs.objectives} ${needs.terms}`;
      const pipeline = made.get(key) ?? make(entry, mode, needs);
      made.set(key, pipeline);
      return pipeline;
    },
    grid(entry, count) {
      const designsPerThread = isSweep(entry) ? tuning.designsPerThread : 1;
      return gridOf(count, tuning.workgroupSize * designsPerThread);
    },
  };
}

/** Spaces whose pipelines a device keeps: more than take turns, few enough for drivers. */
const KEPT_SPACES = 8;

/** Makes the pipelines of spaces, and keeps those of the last few: spaces that are written alike share them. */
export function createPipelineCache(device: GPUDevice, tuning: Tuning): (space: CompiledSpace) => Pipelines {
  const kept = new Map<string, Pipelines>();
  /** Writing a space out takes longer than a small sweep. */
  const shaders = new WeakMap<CompiledSpace, SpaceShader>();

  return (space) => {
    const shader = shaders.get(space) ?? loadShader(space);
    shaders.set(space, shader);
    const pipelines = kept.get(shader.code) ?? createPipelines(device, shader, tuning);
    // The last used is the last to go.
    kept.delete(shader.code);
    kept.set(shader.code, pipelines);
    if (kept.size > KEPT_SPACES) kept.delete([...kept.keys()][0]!);
    return pipelines;
  };
}
