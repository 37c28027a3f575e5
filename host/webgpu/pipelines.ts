import { compileShader, loadShader } from './shader.js';

/** What can be asked of a design. Names of the entry points. */
export type EntryPoint = 'evaluate' | 'sweep';

/** The pipelines of a device; each is made when it is first asked for. */
export interface Pipelines {
  readonly spaceLayout: GPUBindGroupLayout;
  readonly taskLayouts: Readonly<Record<EntryPoint, GPUBindGroupLayout>>;
  pipeline(entry: EntryPoint): Promise<GPUComputePipeline>;
}

/** Types of consecutive bindings of a group, as in kernels/entry/bindings.wgsl. */
function layout(device: GPUDevice, label: string, first: number, types: readonly GPUBufferBindingType[]) {
  return device.createBindGroupLayout({
    label,
    entries: types.map((type, i) => ({
      binding: first + i,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    })),
  });
}

/** @throws CosmicError SHADER */
export async function createPipelines(device: GPUDevice): Promise<Pipelines> {
  const module = await compileShader(device, loadShader());
  const table = 'read-only-storage';
  const spaceLayout = layout(device, 'space', 0, ['uniform', table, table, table, table, table]);
  const taskLayouts = {
    evaluate: layout(device, 'evaluate', 0, ['storage', 'storage']),
    sweep: layout(device, 'sweep', 2, [table, 'uniform', 'storage', 'storage']),
  };
  const made = new Map<EntryPoint, Promise<GPUComputePipeline>>();

  const make = (entryPoint: EntryPoint): Promise<GPUComputePipeline> =>
    device.createComputePipelineAsync({
      label: entryPoint,
      layout: device.createPipelineLayout({ bindGroupLayouts: [spaceLayout, taskLayouts[entryPoint]] }),
      compute: { module, entryPoint },
    });

  return {
    spaceLayout,
    taskLayouts,
    pipeline(entry) {
      const pipeline = made.get(entry) ?? make(entry);
      made.set(entry, pipeline);
      return pipeline;
    },
  };
}
