/**
 * Has Mesa's llvmpipe compile kernels in about half the time, for work that compiles many and runs each for milliseconds. Other
 * drivers do not know of it. LLVM leaves out its passes of optimisation, and vectors have four lanes: the arithmetic is the same
 * operations in the same order, so that outputs are the same to the bit. Holds for the device that the process opens next, and so
 * for all that it does on it; what the environment says already stays.
 *
 * Mesa's docs/envvars.rst: GALLIVM_PERF, LP_NATIVE_VECTOR_WIDTH.
 */
export function compileFast(): void {
  process.env.GALLIVM_PERF ??= 'nopt';
  process.env.LP_NATIVE_VECTOR_WIDTH ??= '128';
}
