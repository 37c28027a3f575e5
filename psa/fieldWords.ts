/** Words of the field that have another name here, or none, and what to write instead. */

const SHARDING =
  'none shards nothing, zero1 the optimizer state, zero2 gradients too, zero3 (as FSDP) weights too: use one of these';
const HYBRID = `${SHARDING}; and workload.shardGroup, the NPUs inside which it is`;
const SEQUENCE =
  'context parallelism, which splits the sequence in attention too, is workload.sp, or workload.cp, here';
const PRECISION =
  'the number format of products is workload.precision (bf16, fp8, fp8Delayed, fp8Block, mxfp8, int8, nvfp4); that of attention workload.attentionPrecision';
const RECOMPUTED = 'what is recomputed in the backward pass is workload.recomputation: none, selective or full';
const GATED = 'a gated MLP is swiglu, geglu or reglu, and one without a gate gelu, relu, relu2 or silu';
const BATCHES = 'micro-batches of a step follow from workload.batch, workload.dp and workload.microBatch';
const MACHINE = (name: string) => `the machine is ${name}; --software says what runs on it`;
const OTHER_GPU =
  'there is no preset of this machine: take the nearest, such as h100-sxm, and set compute.peakTflops, compute.memoryBandwidthGBps, compute.memoryCapacityGB and network.bandwidthGBps, or copy its file';

/** Letters and digits of a word, in lower case, and what is meant. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ...pairs(['zero', 'zero0', 'fsdp', 'ddp', 'zerostage'], SHARDING),
  ...pairs(['hsdp', 'mics', 'hybridshard'], HYBRID),
  ...pairs(['contextparallel', 'contextparallelism', 'contextparallelsize', 'ulysses', 'ringattention'], SEQUENCE),
  ...pairs(['precision', 'dtype', 'bf16', 'fp16', 'fp8', 'fp4', 'bits'], PRECISION),
  ...pairs(['recompute', 'checkpointactivations', 'activationcheckpoint', 'gradientcheckpointing'], RECOMPUTED),
  ...pairs(['glu', 'gegelu', 'swish', 'silu', 'squaredrelu'], GATED),
  ...pairs(
    ['tied', 'tiewordembeddings', 'tieembeddings'],
    'a head that shares the token table is model.tiedEmbeddings',
  ),
  ...pairs(['slidingwindow', 'windowsize'], 'local layers look back over model.window tokens'),
  ...pairs(['mla', 'qlorarank', 'kvlorarank'], 'latent attention has model.queryRank, model.kvRank and model.ropeDim'),
  ...pairs(['gas', 'gradientaccumulation', 'gradientaccumulationsteps', 'microbatches', 'nummicrobatches'], BATCHES),
  ...pairs(['b200', 'dgxb200', 'hgxb200'], MACHINE('b200')),
  ...pairs(['b300', 'dgxb300', 'hgxb300'], MACHINE('b300')),
  ...pairs(['h200', 'dgxh200', 'hgxh200'], MACHINE('h200-sxm')),
  ...pairs(['h800'], MACHINE('h800-sxm')),
  ...pairs(['a800'], MACHINE('a800-80gb')),
  ...pairs(['gb200nvl72', 'dgxgb200'], MACHINE('gb200')),
  ...pairs(['gb300nvl72', 'dgxgb300'], MACHINE('gb300')),
  ...pairs(['tpu', 'tpuv7', 'ironwood'], 'machines of Google are tpu-v4, tpu-v5e, tpu-v5p, tpu-v6e and tpu-ironwood'),
  ...pairs(['v100', 'dgxv100', 'h20', 'mi250x', 'gaudi', 'gaudi2', 'gaudi3', 'trainium', 'rubin'], OTHER_GPU),
  ...pairs(['h100', 'hgxh100'], MACHINE('h100-sxm')),
  ...pairs(['a100', 'hgxa100'], MACHINE('a100-80gb (or a100-40gb)')),
  ...pairs(['tensorparallel', 'tensormodelparallelsize', 'modelparallel'], 'tensor parallelism is workload.tp'),
  ...pairs(['pipelineparallel', 'pipelinemodelparallelsize'], 'pipeline parallelism is workload.pp'),
  ...pairs(['dataparallel', 'dataparallelsize', 'replicas'], 'data parallelism is workload.dp'),
  ...pairs(['expertparallel', 'expertmodelparallelsize'], 'expert parallelism is workload.ep'),
  ...pairs(['mbs', 'microbatchsize'], 'sequences of a micro-batch are workload.microBatch'),
  ...pairs(['gbs', 'globalbatch', 'globalbatchsize'], 'sequences of a step are workload.batch'),
  ...pairs(['seqlen', 'seqlength', 'sequencelength'], 'tokens of a sequence are model.seq'),
  ...pairs(['vpp', 'virtualpipeline'], 'model chunks per stage are workload.virtualStages'),
  ...pairs(['npus', 'gpus', 'ngpus', 'nodes', 'nproc'], 'the number of GPUs is system.npus'),
  ...pairs(['flash', 'flashattention', 'sdpa'], 'an attention that keeps no scores is fused: workload.attention=fused'),
  ...pairs(
    ['zb', 'zerobubble', 'zb1p', 'zb2p', 'dualpipev'],
    'schedules with hardly a bubble are zbH1 (ZB-1p), zbH2 (ZB-2p), zbV and dualPipe',
  ),
]);

function pairs(words: readonly string[], meant: string): (readonly [string, string])[] {
  return words.map((word) => [word, meant]);
}

/** What the field means by a name, or by its part behind the last dot; undefined where it is no such word. */
export function meaningOf(name: string): string | undefined {
  const word = name.slice(name.lastIndexOf('.') + 1);
  return WORDS.get(word.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}
