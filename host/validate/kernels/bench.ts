/** One NPU on which single kernels are timed, by the simulator's own functions. */
import { FLAG, RATE } from '../../../kernels/workload/operation.js';
import { OPERAND_BYTES, PRECISION } from '../../../kernels/workload/precision.js';
import { BACKWARD_PRODUCTS, createRates, type Rates, readRates } from '../../../kernels/workload/rates.js';
import { fillMflop, productUs, rooflineUs } from '../../../kernels/workload/roofline.js';
import { PARAMETERS, SLOT } from '../../../psa/parameters.js';
import type { System } from '../../../psa/system.js';
import type { LargeCache, Streams } from '../gpus.js';
import type { NumberFormat } from '../numberFormats.js';
import { GroupNetworks } from './collectiveTime.js';

/** Bytes of a value in half precision. */
const HALF = 2;
const mega = (value: number): number => value * 1e-6;

/** `count` products of m × k by k × n elements. */
export interface ProductShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly precision: NumberFormat;
  /** Are operands quantised as they come? */
  readonly quantizes: boolean;
  /** Matrices of k × n that share the rows m. */
  readonly groups?: number;
}

export interface AttentionShape {
  readonly batch: number;
  readonly queries: number;
  /** As many as queries: causal attention over themselves. */
  readonly keys: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
}

/** What is so many times as large as a cache is found there as a whole, or not at all. */
interface Kept {
  readonly all: number;
  readonly none: number;
}
/** Fitted to the products of both machines with large caches, and to the static quantisations of all. */
const KEPT_OPERANDS: Kept = { all: 0.25, none: 1.5 };
const KEPT_STREAMS: Kept = { all: 0.8, none: 1.5 };

/** How much slower traffic of so many MB is than memory's, where what stays in the cache is read from there. */
function cachedTraffic({ sizeMB, bandwidthGBps }: LargeCache, kept: Kept, usPerMB: number, trafficMB: number): number {
  const missed = (trafficMB / sizeMB - kept.all) / (kept.none - kept.all);
  const share = Math.min(1, Math.max(0, missed));
  return share + ((1 - share) * 1000) / bandwidthGBps / usPerMB;
}

/**
 * Kernels of a machine at the clock that single ones have, without a host: as in a CUDA graph.
 *
 * @example
 * new KernelBench(loadSystem('h100-sxm')).productUs({ m: 4096, n: 4096, k: 4096, precision: 'bf16', quantizes: true });
 */
export class KernelBench {
  private readonly rates: Rates = createRates();
  /** What tables of collectives time. */
  readonly networks = new GroupNetworks();

  /**
   * @param cache what operands stay in from one run of a kernel to the next; no model finds its own there
   * @param streams what is known of kernels that read and write each value once; without it they start as products do
   */
  constructor(
    system: System,
    private readonly cache?: LargeCache,
    private readonly streams?: Streams,
  ) {
    for (const { name, slot, stack } of PARAMETERS) {
      if (stack === 'compute') this.rates.design[slot] = system.defaults.get(name)![0] ?? 0;
    }
    this.rates.design[SLOT.compute.sustainedClock] = 1;
    this.rates.flags = FLAG.fusedAttention;
  }

  /** Has the machine arithmetic in this format? */
  has(precision: NumberFormat): boolean {
    const { design } = this.rates;
    if (precision === 'bf16') return true;
    return design[precision === 'nvfp4' ? SLOT.compute.fourBitPeakTflops : SLOT.compute.eightBitPeakTflops]! > 0;
  }

  private read(precision: NumberFormat, attentionPrecision: 'bf16' | 'fp8', headDim: number): Rates {
    this.rates.design[SLOT.workload.precision] = PRECISION[precision];
    this.rates.design[SLOT.workload.attentionPrecision] = attentionPrecision === 'fp8' ? 1 : 0;
    this.rates.headDim = headDim;
    readRates(this.rates);
    return this.rates;
  }

  /** Has kernels of so many MB of operands and results find in the cache what the one before left there. */
  private readCached(rate: number, trafficMB: number): void {
    const { rates, cache } = this;
    if (cache === undefined) return;
    const slower = cachedTraffic(cache, KEPT_OPERANDS, rates.rateUsPerMB[rate]!, trafficMB);
    rates.rateUsPerMB[rate]! *= slower;
    rates.quantizationUsPerMB *= slower;
    rates.usPerMB *= slower;
  }

  /** Time of a matrix product, us. */
  productUs({ m, n, k, precision, quantizes, groups = 1 }: ProductShape): number {
    const rates = this.read(precision, 'bf16', 1);
    const input = mega(HALF * m * k);
    const weights = mega(HALF * groups * k * n);
    const mflop = mega(2 * m * k * n);
    const result = mega(HALF * m * n);
    const rate = groups > 1 ? RATE.experts : RATE.linear;
    const fill = fillMflop(rates, rate, weights);
    this.readCached(rate, (input + weights) * rates.operandShare[rate]! + result);
    return productUs(rates, rate, mflop, fill, input + weights, result, quantizes ? input : 0);
  }

  /** Time of fused attention of a prompt, us; in the backward pass it reads its output and the gradient of it, too. */
  attentionUs(shape: AttentionShape, precision: 'bf16' | 'fp8', pass: 'forward' | 'backward' = 'forward'): number {
    const { batch, queries, keys, heads, kvHeads, keyDim, valueDim } = shape;
    const rates = this.read('bf16', precision, (keyDim + valueDim) / 2);
    const backward = pass === 'backward';
    const pairs = batch * heads * (queries * keys - queries ** 2 / 2);
    const results = batch * queries * heads * valueDim;
    const keysAndValues = batch * keys * kvHeads * (keyDim + valueDim);
    const operands = batch * queries * heads * keyDim + keysAndValues + (backward ? 2 * results + keysAndValues : 0);
    const mflop = (backward ? BACKWARD_PRODUCTS : 1) * mega(2 * pairs * (keyDim + valueDim));
    const rate = backward ? RATE.attentionBackward : RATE.attention;
    return productUs(rates, rate, mflop, 0, mega(HALF * operands), mega(HALF * results), 0);
  }

  /** Time of a query of each sequence over its cache of so many bytes a token, us. */
  cacheUs(shape: AttentionShape, bytesPerToken: number): number {
    const { batch, queries, keys, heads, keyDim, valueDim } = shape;
    const rates = this.read('bf16', 'bf16', (keyDim + valueDim) / 2);
    const operands = batch * (keys * bytesPerToken + HALF * queries * heads * keyDim);
    const results = HALF * batch * queries * heads * valueDim;
    const mflop = mega(2 * batch * queries * heads * keys * (keyDim + valueDim));
    this.readCached(RATE.cache, mega(operands + results));
    return productUs(rates, RATE.cache, mflop, 0, mega(operands), mega(results), 0);
  }

  /** Time of a kernel that memory bounds, us. */
  elementwiseUs(bytes: number): number {
    const rates = this.read('bf16', 'bf16', 1);
    this.readCached(RATE.elementwise, mega(bytes));
    return rooflineUs(rates, RATE.elementwise, 0, mega(bytes));
  }

  /** Time of a kernel by itself that reads and writes each value once, us. */
  streamUs(bytes: number): number {
    const streams = this.streams;
    if (streams === undefined) return this.elementwiseUs(bytes);
    const { usPerMB } = this.read('bf16', 'bf16', 1);
    const slower = cachedTraffic(streams.cache, KEPT_STREAMS, usPerMB, mega(bytes));
    return streams.startUs + mega(bytes) * usPerMB * slower;
  }

  /** Bytes of a value of an operand. */
  static operandBytes(precision: NumberFormat): number {
    return OPERAND_BYTES[PRECISION[precision]]!;
  }
}
