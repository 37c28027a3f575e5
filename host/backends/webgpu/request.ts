/** Fields of `Request` in kernels/entry/bindings.wgsl, in order. A test compares the layout with the WGSL. */
export interface RequestFields {
  readonly count: number;
  readonly seed: number;
  readonly startLow: number;
  readonly startHigh: number;
  readonly objectiveCount: number;
  readonly infeasible: number;
  readonly pareto: number;
  readonly frontSize: number;
  readonly threshold: number;
  readonly run: number;
}

/** Byte offset of each field. */
export const REQUEST_OFFSETS: Readonly<Record<keyof RequestFields, number>> = {
  count: 0,
  seed: 4,
  startLow: 8,
  startHigh: 12,
  objectiveCount: 16,
  infeasible: 20,
  pareto: 24,
  frontSize: 28,
  threshold: 32,
  run: 36,
};

/** Bytes of a request. */
export const REQUEST_BYTES = 40;

/** A request as the GPU reads it. */
export function packRequest(fields: RequestFields): ArrayBuffer {
  const buffer = new ArrayBuffer(REQUEST_BYTES);
  const view = new DataView(buffer);
  for (const [name, offset] of Object.entries(REQUEST_OFFSETS)) {
    const value = fields[name as keyof RequestFields];
    if (name === 'threshold') view.setFloat32(offset, value, true);
    else view.setUint32(offset, value, true);
  }
  return buffer;
}
