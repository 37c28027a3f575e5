/** What releases of TensorRT-LLM did otherwise than later ones, as overrides. */
import { loadSystem } from '../../../psa/system.js';

/** The first release with eight-bit products of experts for Hopper: fp8 for Mixtral is among its additions (its release notes). */
const EIGHT_BIT_EXPERTS = [0, 10] as const;

function isBefore(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = Number.NaN, ownMinor = Number.NaN] = version.split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

/**
 * Overrides for experts in eight bits of a release. Before 0.10 their kernels are those of Ampere and Ada on Hopper, too: its
 * mma.sync multiplies at the rate of half precision there, and at a share of that (arXiv 2402.13499); and what fills the deep
 * tiles of Hopper's own kernels is not theirs. Weights are read as they are kept.
 *
 * @throws CosmicError as `loadSystem`
 */
export function expertOverrides(version: string, system: string): string[] {
  if (!isBefore(version, EIGHT_BIT_EXPERTS)) return [];
  const { defaults } = loadSystem(system);
  const of = (name: string): number => defaults.get(`compute.${name}`)?.[0] ?? 0;
  const rate = of('eightBitPeakTflops') * of('eightBitGemmEfficiency');
  if (of('synchronousRate') === 1 || rate === 0) return [];
  const synchronous = of('synchronousRate') * of('peakTflops') * of('gemmEfficiency');
  return [`compute.expertEfficiency=${Math.min(1, synchronous / rate)}`, 'compute.expertPadding=0'];
}
