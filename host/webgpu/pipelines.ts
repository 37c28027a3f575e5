import { type Grid, gridOf, type Tuning } from '../../kernels/entry/grid.js';
import { compileShader, loadShader } from './shader.js';

/** What can be asked of a design. Names of the entry points. */
export type EntryPoint = 'evaluate' | 'sweep';

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
};

/** The pipelines of a device; each is made when it is first asked for. */
export interface Pipelines {
  readonly spaceLayout: GPUBindGroupLayout;
  readonly taskLayouts: Readonly<Record<EntryPoint, GPUBindGroupLayout>>;
  pipeline(entry: EntryPoint): Promise<GPUComputePipeline>;
  /** The workgroups of a dispatch over `count` designs. */
  grid(entry: EntryPoint, count: number): Grid;
}

function createLayout(device: GPUDevice, types: readonly GPUBufferBindingType[], first = 0): GPUBindGroupLayout {
  return device.createBindGroupLayout({
    entries: types.map((type, i) => ({
      binding: first + i,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    })),
  });
}

/** @throws CosmicError SHADER */
export async function createPipelines(device: GPUDevice, tuning: Tuning): Promise<Pipelines> {
  const module = await compileShader(device, loadShader());
  const spaceLayout = createLayout(device, SPACE_BINDINGS);
  const { evaluate, sweep } = TASK_BINDINGS;
  const taskLayouts = {
    evaluate: createLayout(device, evaluate.types, evaluate.first),
    sweep: createLayout(device, sweep.types, sweep.first),
  };
  const constants = { WORKGROUP_SIZE: tuning.workgroupSize, DESIGNS_PER_THREAD: tuning.designsPerThread };
  const made = new Map<EntryPoint, Promise<GPUComputePipeline>>();

  const make = (entryPoint: EntryPoint): Promise<GPUComputePipeline> =>
    device.createComputePipelineAsync({
      label: entryPoint,
      layout: device.createPipelineLayout({ bindGroupLayouts: [spaceLayout, taskLayouts[entryPoint]] }),
      compute: { module, entryPoint, constants },
    });

  return {
    spaceLayout,
    taskLayouts,
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
