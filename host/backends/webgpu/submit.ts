/** The one way of work to the device and back: commands that are submitted together, and what they leave behind. */
import type { Grid } from '../../../kernels/entry/grid.js';
import type { OpenDevice } from './device.js';

/** A kernel over a grid of workgroups. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly grid: Grid;
  /** A group behind the others of which one binding moves: it begins `at` that byte of its buffer. */
  readonly moving?: { readonly group: GPUBindGroup; readonly at: number };
}

/** Some bytes of a buffer, from its beginning unless `at` is given. */
export interface BufferPart {
  readonly buffer: GPUBuffer;
  readonly at?: number;
  readonly bytes: number;
}

/** What is submitted together: one pass, and what is to be done before it. */
export interface Work {
  /** Writes to buffers, or further commands before the pass. */
  readonly prepare?: (encoder: GPUCommandEncoder) => void;
  /** Bound for all dispatches. */
  readonly groups?: readonly GPUBindGroup[];
  readonly dispatches?: readonly Dispatch[];
}

/** What comes back of some work. */
export interface Reading<T> {
  /** Copied one behind the other. */
  readonly parts: readonly BufferPart[];
  /** Room for the parts; made for this reading alone unless given. */
  readonly staging?: GPUBuffer;
  /** Takes what it needs from the parts: `bytes` is gone afterwards. */
  readonly take: (bytes: ArrayBuffer) => T;
}

/** A buffer that is copied to, and read by the host. */
export function createStaging(device: GPUDevice, bytes: number): GPUBuffer {
  return device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
}

/** Encodes the pass of some work. */
export function encodePass(
  { passes }: OpenDevice,
  encoder: GPUCommandEncoder,
  { groups = [], dispatches }: Work,
): void {
  if (dispatches === undefined) return;
  const timestampWrites = passes.recording?.nextPass();
  const pass = encoder.beginComputePass(timestampWrites && { timestampWrites });
  groups.forEach((group, i) => {
    pass.setBindGroup(i, group);
  });
  for (const { pipeline, grid, moving } of dispatches) {
    if (moving !== undefined) pass.setBindGroup(groups.length, moving.group, [moving.at]);
    pass.setPipeline(pipeline);
    pass.dispatchWorkgroups(grid.columns, grid.rows);
  }
  pass.end();
}

/** Submits work at once, and resolves when the device has accepted it. */
function submit(open: OpenDevice, work: Work, finish?: (encoder: GPUCommandEncoder) => void): Promise<void> {
  return open.guard(() => {
    const encoder = open.device.createCommandEncoder();
    work.prepare?.(encoder);
    encodePass(open, encoder, work);
    finish?.(encoder);
    open.device.queue.submit([encoder.finish()]);
  });
}

/**
 * Submits work at once, and waits until it is done.
 *
 * @throws CosmicError BACKEND_LIMIT where the device refuses; DeviceLost
 */
export async function runWork(open: OpenDevice, work: Work): Promise<void> {
  await submit(open, work);
  await open.whileAlive(open.device.queue.onSubmittedWorkDone());
}

/**
 * Submits work at once, and takes what comes back of it.
 *
 * @throws CosmicError BACKEND_LIMIT where the device refuses; DeviceLost
 */
export async function readWork<T>(open: OpenDevice, work: Work, { parts, staging, take }: Reading<T>): Promise<T> {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const target = staging ?? createStaging(open.device, bytes);
  try {
    await submit(open, work, (encoder) => {
      let at = 0;
      for (const part of parts) {
        encoder.copyBufferToBuffer(part.buffer, part.at ?? 0, target, at, part.bytes);
        at += part.bytes;
      }
    });
    await open.whileAlive(target.mapAsync(GPUMapMode.READ, 0, bytes));
    return take(target.getMappedRange(0, bytes));
  } finally {
    if (staging === undefined) target.destroy();
    else target.unmap();
  }
}
