import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, type OutputName } from '../outputs.js';
import { memoryByStage } from './stages.js';

function stages(...set: string[]) {
  const { workload, tiers, fixed } = compileDesign(
    loadDefault('dgx-h100', 'llama3-8b', ['system.npus=32', 'workload.tp=1', 'workload.pp=4', ...set]),
  );
  const [phase] = memoryByStage(workload, tiers, fixed);
  return phase!.stages.map(({ stage, outputs }) => ({ stage, of: (name: OutputName) => outputs[OUTPUT[name]]! }));
}

it('blocks of layers keep the input of their first, and are recomputed together', () => {
  const full = ['workload.recomputation=full', 'workload.loss=fused'];
  const [one] = stages(...full);
  const [four] = stages(...full, 'workload.recomputationBlock=4');
  expect(four!.of('activationsMB')).toBeCloseTo(one!.of('activationsMB') / 4, 6);
  expect(four!.of('workingMB')).toBeCloseTo(4 * one!.of('workingMB'), 6);
  // Eight layers a stage: a block of more is the whole stage.
  expect(stages(...full, 'workload.recomputationBlock=64')[0]!.of('workingMB')).toBeCloseTo(
    8 * one!.of('workingMB'),
    6,
  );
});

it('a head that counts for layers takes them from the last stage', () => {
  const weights = stages('workload.headLayers=4').map(({ of }) => of('weightsMB'));
  const even = stages().map(({ of }) => of('weightsMB'));
  // (32 + 4)/4 = 9 layers on all stages but the last, which has 5; a layer of Llama 3 8B has 218 million parameters.
  expect(weights[0]! - even[0]!).toBeCloseTo(2 * 218.112, 0);
  expect(even.at(-1)! - weights.at(-1)!).toBeCloseTo(3 * 2 * 218.112, 0);
});

it('inputs of products are kept as they were quantised, all else in half precision', () => {
  const kept = (precision: string) =>
    stages('workload.pp=1', 'workload.dp=32', `workload.precision=${precision}`)[0]!.of('activationsMB');
  // Of a token of a layer of Llama 3 8B (4096 wide, MLP 14336): inputs of queries, keys and values, of the output, of gate and up, of down.
  const inputs = 3 * 4096 + 14336;
  const sequence = 8192;
  expect(kept('bf16') - kept('fp8')).toBeCloseTo((32 * sequence * inputs) / 1e6, 3);
  expect(kept('bf16') - kept('nvfp4')).toBeCloseTo((32 * sequence * inputs * (2 - 9 / 16)) / 1e6, 3);
});

it('weights in half precision have narrow copies beside them, by row and by column, where products are narrow', () => {
  const weights = (...set: string[]) =>
    stages('workload.pp=1', 'workload.dp=32', 'workload.weightSharding=zero1', ...set)[0]!.of('weightsMB');
  const copies = (precision: string, count: number) =>
    weights(`workload.precision=${precision}`, `workload.weightCopies=${count}`) - weights();
  // Llama 3 8B: 32 layers of 218.1 million parameters; a scale of 4 bytes for 128 values.
  expect(copies('fp8', 2)).toBeCloseTo(2 * 32 * 218.112, 0);
  expect(copies('fp8Block', 1)).toBeCloseTo((1 + 4 / 128) * 32 * 218.112, 0);
  expect(copies('bf16', 2)).toBe(0);
  const sharded = (count: number) =>
    weights('workload.precision=fp8', 'workload.weightSharding=zero3', `workload.weightCopies=${count}`);
  // Two layers are gathered at a time: of them alone.
  expect(sharded(2) - sharded(0)).toBeCloseTo(2 * 2 * 218.112, 0);
});

it('gradients of a layer are there whole before they leave for their shards, and beside them what they are copied to', () => {
  const working = (...set: string[]) =>
    stages('workload.pp=1', 'workload.dp=32', 'workload.weightSharding=zero3', 'model.seq=128', ...set)[0]!.of(
      'workingMB',
    );
  // A layer of Llama 3 8B has 218.1 million parameters; 2 bytes as they are made, 2 or 4 as they are reduced.
  expect(working('workload.shardLayout=flat', 'workload.gradientBytes=2')).toBeCloseTo(4 * 218.112, 0);
  expect(working('workload.shardLayout=perParameter', 'workload.gradientBytes=4')).toBeCloseTo(6 * 218.112, 0);
  expect(working('workload.shardLayout=inPlace')).toBe(0);
  // Kept whole for the step there are no others.
  expect(working('workload.shardLayout=flat', 'workload.gradientSync=step')).toBe(0);
});

it('places for the tokens of all ranks are kept by experts without a capacity, and twice more of what they return', () => {
  const moe = (...set: string[]) => {
    const { workload, tiers, fixed } = compileDesign(
      loadDefault('dgx-h100', 'mixtral-8x7b', [
        ...['system.npus=32', 'workload.tp=1', 'workload.pp=1', 'workload.ep=8', 'workload.recomputation=full'],
        ...['model.vocab=1', 'workload.microBatch=1', 'model.seq=4096', ...set],
      ]),
    );
    return memoryByStage(workload, tiers, fixed)[0]!.stages[0]!.outputs[OUTPUT.workingMB]!;
  };
  const room = 'workload.expertRoom=allRanks';
  // 4,096 tokens, 2 of 8 experts a token, 4,096 wide and 14,336 inside: a rank of eight may get four times the mean.
  const wide = (2 * 4096 * 2 * 4096) / 1e6;
  const inside = (2 * 4096 * 2 * 3 * 14336) / 1e6;
  expect(moe(room) - moe()).toBeCloseTo(3 * (wide + inside) + 2 * 4 * wide, 3);
  // Two ranks can send no more than twice the mean.
  expect(moe(room, 'workload.ep=2') - moe('workload.ep=2')).toBeCloseTo(wide + inside + 2 * 2 * wide, 3);
  const byNode = 'workload.expertDispatch=byNode';
  expect(moe(room, byNode) - moe(byNode)).toBeCloseTo(moe(room) - moe(), 3);
  for (const other of ['workload.expertCapacity=1', 'workload.ep=1']) expect(moe(room, other), other).toBe(moe(other));
});

it('buffers for gradients have one size where there are replicas, and stages keep what they sent but for the last', () => {
  const gradients = (...set: string[]) => stages(...set)[0]!.of('gradientsMB');
  const buffer = 'workload.reductionBufferGB=1';
  expect(gradients(buffer) - gradients()).toBeCloseTo(1000, 6);
  const alone = ['workload.dp=1', 'workload.tp=8', 'workload.pp=4'];
  expect(gradients(buffer, ...alone)).toBe(gradients(...alone));
  const activations = (...set: string[]) =>
    stages('workload.microBatch=1', ...set).map(({ of }) => of('activationsMB'));
  const [kept, freed] = [activations('workload.stageOutputs=kept'), activations()];
  // Llama 3 8B: 8,192 tokens of 4,096 values; four stages have as many micro-batches as are behind them in flight.
  expect(kept.at(0)! - freed.at(0)!).toBeCloseTo((4 * 2 * 8192 * 4096) / 1e6, 3);
  expect(kept.at(-1)).toBe(freed.at(-1));
});

it('the loss takes as many bytes a logit as its kernels have beside one another', () => {
  const beyond = (loss: string) => stages(`workload.loss=${loss}`).at(-1)!.of('lossMB') - stages().at(-1)!.of('lossMB');
  // Beyond the 4 of the default.
  expect(beyond('half') / beyond('plain')).toBeCloseTo((8 - 4) / (14 - 4), 6);
});

it('the loss leaves no holes but where ranks join its logits', () => {
  const reserved = (loss: string) => {
    const last = stages('compute.allocatorSlack=0.2', `workload.loss=${loss}`).at(-1)!.of;
    const passing = last('activationsMB') + last('workingMB');
    return (last('reservedMB') - last('memoryMB')) / 0.2 - passing;
  };
  expect(reserved('plain')).toBeCloseTo(0, 6);
  const joined = stages('workload.loss=gathered').at(-1)!.of('lossMB');
  expect(joined).toBeGreaterThan(1000);
  expect(reserved('gathered')).toBeCloseTo(joined, 6);
});

it('inference has the weights of its layers in the format of the products, embedding and head in half precision', () => {
  const weights = (precision: string, ...set: string[]) =>
    stages('workload.pp=1', 'workload.dp=32', `workload.precision=${precision}`, ...set)[0]!.of('weightsMB');
  // Llama 3 8B: 32 layers of 218.1 million parameters, and two tables of 128,256 × 4,096.
  const decode = 'model.phase=decode';
  const edges = 2 * 128256 * 4096;
  const layers = 8030261248 - edges;
  expect(weights('bf16', decode)).toBeCloseTo((2 * (edges + layers)) / 1e6, -1);
  expect(weights('fp8', decode)).toBeCloseTo((2 * edges + layers) / 1e6, -1);
  expect(weights('nvfp4', decode)).toBeCloseTo((2 * edges + (9 / 16) * layers) / 1e6, -1);
  expect(weights('fp8')).toBe(weights('bf16'));
});

it('gradients that leave layer by layer go on to the host that updates them', () => {
  const gradients = (sharding: string, share: number) =>
    stages(
      'workload.pp=1',
      'workload.dp=32',
      `workload.weightSharding=${sharding}`,
      `workload.optimizerOffload=${share}`,
    )[0]!.of('gradientsMB');
  for (const sharding of ['zero2', 'zero3']) {
    expect(gradients(sharding, 0.5)).toBeCloseTo(gradients(sharding, 0) / 2, 6);
    expect(gradients(sharding, 1)).toBe(0);
  }
  expect(gradients('zero1', 1)).toBe(gradients('zero1', 0));
});

it('a loss of few tokens at a time takes nothing', () => {
  expect(stages('workload.loss=chunked').at(-1)!.of('lossMB')).toBeLessThan(
    stages('workload.loss=fused').at(-1)!.of('lossMB') / 4,
  );
});
