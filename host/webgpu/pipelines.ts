import { type Grid, gridOf, type Tuning } from '../../kernels/entry/grid.js';
import { compileShader, loadShader } from './shader.js';

/** What can be asked of a design. Names of the entry points. */
export type EntryPoint = 'evaluate' | 'sweep' | 'evolve' | 'elect';

/** Types of the bindings of group 0, as in kernels/entry/bindings.wgsl. */
export const SPACE_BINDINGS: readonly GPUBufferBindingType[] = [
  'uniform',
  ...new Array<GPUBufferBindingType>(5).fill('read-only-storage'),
];

/** Types of the bindings of group 1, from the first that an entry point uses. */
export const TASK_BINDINGS: Readonly<
  Record<EntryPoint, { readonly first: number; readonly types: readonly GPUBufferBindingType[] }>
> = {
  evaluate: { first: 0, types: ['storage', 'storage'] },
  sweep: { first: 2, types: ['read-only-storage', 'uniform', 'storage', 'storage'] },
  evolve: { first: 2, types: ['read-only-storage'] },
  elect: { first: 2, types: ['read-only-storage'] },
};

/** Types of the bindings of group 2, which evolve and elect have; the last moves along a buffer. */
export const EVOLUTION_BINDINGS: readonly GPUBufferBindingType[] = ['storage', 'storage', 'uniform', 'uniform'];

/** The pipelines of a device; each is made when it is first asked for. */
export interface Pipelines {
  readonly spaceLayout: GPUBindGroupLayout;
  readonly taskLayouts: Readonly<Record<EntryPoint, GPUBindGroupLayout>>;
  readonly evolutionLayout: GPUBindGroupLayout;
  pipeline(entry: EntryPoint): Promise<GPUComputePipeline>;
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

/** @throws CosmicError SHADER */
export async function createPipelines(device: GPUDevice, tuning: Tuning): Promise<Pipelines> {
  const module = await compileShader(device, loadShader());
  const spaceLayout = createLayout(device, SPACE_BINDINGS);
  const evolutionLayout = createLayout(device, EVOLUTION_BINDINGS, 0, EVOLUTION_BINDINGS.length - 1);
  const { evaluate, sweep, evolve } = TASK_BINDINGS;
  const ranked = createLayout(device, evolve.types, evolve.first);
  const taskLayouts = {
    evaluate: createLayout(device, evaluate.types, evaluate.first),
    sweep: createLayout(device, sweep.types, sweep.first),
    evolve: ranked,
    elect: ranked,
  };
  const constants = { WORKGROUP_SIZE: tuning.workgroupSize, DESIGNS_PER_THREAD: tuning.designsPerThread };
  const made = new Map<EntryPoint, Promise<GPUComputePipeline>>();

  const groupsOf = (entryPoint: EntryPoint): GPUBindGroupLayout[] => {
    const groups = [spaceLayout, taskLayouts[entryPoint]];
    return entryPoint === 'evolve' || entryPoint === 'elect' ? [...groups, evolutionLayout] : groups;
  };

  const make = (entryPoint: EntryPoint): Promise<GPUComputePipeline> =>
    device.createComputePipelineAsync({
      label: entryPoint,
      layout: device.createPipelineLayout({ bindGroupLayouts: groupsOf(entryPoint) }),
      compute: { module, entryPoint, constants },
    });

  return {
    spaceLayout,
    taskLayouts,
    evolutionLayout,
    pipeline(entry) {
      const pipeline = made.get(entry) ?? make(entry);
      made.set(entry, pipeline);
      return pipeline;
    },
    grid(entry, count) {
      const designsPerThread = entry === 'sweep' ? tuning.designsPerThread : 1;
      return gridOf(count, tuning.workgroupSize * designsPerThread);
    },
  };
}
