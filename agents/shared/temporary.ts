/**
 * Memory for arrays that live no longer than a call: in large generations they are tens of megabytes, and to collect them as
 * garbage would take as long as to fill them.
 */
let buffer = new ArrayBuffer(0);
/** Bytes of the buffer that are in use. */
let used = 0;
/** Calls of {@link temporarily} that have not ended. */
let depth = 0;

/**
 * Does something with temporary arrays, whose memory serves others when it is done: none of them may outlive it.
 *
 * @example
 * const sum = temporarily(() => sumOf(temporaryNumbers(1000).fill(1)));
 */
export function temporarily<T>(work: () => T): T {
  depth++;
  try {
    return work();
  } finally {
    depth--;
    if (depth === 0) used = 0;
  }
}

/** Whole numbers, not 0 at first; on their own where nothing is done {@link temporarily}. */
export function temporaryWords(length: number): Uint32Array {
  if (depth === 0) return new Uint32Array(length);
  const at = take(4 * length);
  return new Uint32Array(buffer, at, length);
}

/** Numbers in f32, not 0 at first; on their own where nothing is done {@link temporarily}. */
export function temporaryFloats(length: number): Float32Array {
  if (depth === 0) return new Float32Array(length);
  const at = take(4 * length);
  return new Float32Array(buffer, at, length);
}

/** Numbers, not 0 at first; on their own where nothing is done {@link temporarily}. */
export function temporaryNumbers(length: number): Float64Array {
  if (depth === 0) return new Float64Array(length);
  const at = take(8 * length);
  return new Float64Array(buffer, at, length);
}

/** The place of so many bytes, in a larger buffer if this one is full: arrays in the old one keep it. */
function take(bytes: number): number {
  if (used + bytes > buffer.byteLength) {
    buffer = new ArrayBuffer(Math.max(2 * buffer.byteLength, 8 * bytes));
    used = 0;
  }
  const at = used;
  used += 8 * Math.ceil(bytes / 8);
  return at;
}
