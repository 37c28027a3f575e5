/** Fields of `Request` in kernels/entry/bindings.wgsl, in order. A test compares the layout with the WGSL. */
export interface RequestFields {
  readonly npus: number;
  readonly dimensions: number;
  readonly mode: number;
  readonly geneCount: number;
  readonly tiers: readonly number[];
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
  readonly skip: number;
}

/** Byte offset of each field. */
export const REQUEST_OFFSETS: Readonly<Record<keyof RequestFields, number>> = {
  npus: 0,
  dimensions: 4,
  mode: 8,
  geneCount: 12,
  tiers: 16,
  count: 32,
  seed: 36,
  startLow: 40,
  startHigh: 44,
  objectiveCount: 48,
  infeasible: 52,
  pareto: 56,
  frontSize: 60,
  threshold: 64,
  run: 68,
  skip: 72,
};

/** Bytes of a request: the struct's size, a multiple of its alignment of 16. */
export const REQUEST_BYTES = 80;

/** A request as the GPU reads it. */
export function packRequest(fields: RequestFields): ArrayBuffer {
  const buffer = new ArrayBuffer(REQUEST_BYTES);
  const view = new DataView(buffer);
  for (const [name, offset] of Object.entries(REQUEST_OFFSETS)) {
    const value = fields[name as keyof RequestFields];
    if (typeof value !== 'number') setWords(view, offset, value);
    else if (name === 'threshold') view.setFloat32(offset, value, true);
    else view.setUint32(offset, value, true);
  }
  return buffer;
}

function setWords(view: DataView, offset: number, words: readonly number[]): void {
  for (const [i, word] of words.entries()) view.setUint32(offset + 4 * i, word, true);
}
