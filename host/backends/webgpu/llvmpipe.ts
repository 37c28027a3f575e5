/**
 * Has Mesa's llvmpipe compile kernels faster than it runs them. Other drivers do not know of it. The arithmetic is the same operations
 * in the same order, so that outputs are the same to the bit. Holds for the device that the process opens next, and so for all that it
 * does on it; what the environment says already stays.
 *
 * Mesa's docs/envvars.rst: GALLIVM_PERF, LP_NATIVE_VECTOR_WIDTH.
 */

/** LLVM leaves out its passes of optimisation. The adapter keeps its name, and so the rates and the tuning that are kept of it. */
export function leaveUnoptimised(): void {
  process.env.GALLIVM_PERF ??= 'nopt';
}

/** Besides, vectors have four lanes: about half the time, for work that compiles many kernels and runs each for milliseconds. */
export function compileFast(): void {
  leaveUnoptimised();
  process.env.LP_NATIVE_VECTOR_WIDTH ??= '128';
}
