/** What rows are read as besides their columns: recipes of releases, nodes, and kernels of a library. */
import { expect, it } from 'vitest';
import { predictRow, prepareRow, Systems } from './prediction.js';
import { withRecipe } from './recipes.js';
import { trainingRow } from './row.js';
import { installationOf } from './runs.js';
import { stated } from './statements.js';

const cells = {
  ...{ id: 'a', source: 'b', gpu: 'h100-80g', gpus: '8', hidden: '1024', ffn: '4096', layers: '6', heads: '8' },
  ...{ seq: '2048', vocab: '32000', tp: '1', pp: '1', dp: '8', global_batch: '64', micro_batch: '1' },
};
const row = (more: Record<string, string>) => trainingRow.parse({ ...cells, ...more });
const PLACE = { file: 'rows.csv', line: 2 };
const setOf = (more: Record<string, string>) => stated(withRecipe(row(more))).flatMap(({ set }) => set);

const SPLIT = ['workload.embeddingLayers=1', 'workload.headLayers=1'];

it('the embedding and the loss count in the pipelines of Llama 3.1 405B and Qwen3 235B alone', () => {
  const bridge = (model: string, more: Record<string, string> = {}) =>
    setOf({ model, framework_version: 'NeMo 26.02 / Megatron-Bridge v0.3.0', ...more });
  expect(bridge('Llama3.1-405B')).toEqual(SPLIT);
  expect(bridge('Qwen3-235B-A22B', { gpu: 'b200-180g' })).toEqual(SPLIT);
  expect(bridge('Llama3-70B')).toEqual([]);
});

it('Qwen3 235B exchanges tokens beside compute on H100, by rank on B200 and by node on racks', () => {
  const mixture = (gpu: string) =>
    setOf({
      ...{ model: 'Qwen3-235B-A22B', framework_version: 'NeMo 25.11 / Megatron-Bridge v0.2.0', gpu },
      ...{ experts: '128', top_k: '8', ep: '8' },
    });
  expect(mixture('h100-80g')).toEqual(['workload.expertOverlap=on', ...SPLIT, 'workload.tensorOverlap=off']);
  expect(mixture('b200-180g')).toEqual(SPLIT);
  expect(mixture('gb200')).toEqual(['workload.expertDispatch=byNode', ...SPLIT]);
});

it('a pipeline of as many chunks as layers with embedding and head is that of Megatron-Bridge for Llama 3.1 405B', () => {
  const shape = { hidden: '16384', ffn: '53248', layers: '126', heads: '128', kv_heads: '8', seq: '8192' };
  const predicted = (virtualStages: string) => {
    const given = withRecipe(
      row({
        ...shape,
        ...{
          model: 'Llama3.1-405B',
          framework_version: 'NeMo 26.02 / Megatron-Bridge v0.3.0',
          gpu: 'gb200',
          gpus: '256',
        },
        ...{ tp: '4', pp: '16', dp: '4', global_batch: '1536', virtual_stages: virtualStages, iteration_s: '62.5' },
      }),
    );
    const installation = installationOf(given, {}, PLACE);
    const base = new Systems().get(installation);
    return predictRow(prepareRow({ row: given, ...PLACE }, installation, base, [])).seconds;
  };
  expect(predicted('8')).toBeGreaterThan(40);
  expect(predicted('9')).toBeUndefined();
});

it('nodes have as many GPUs as notes say, and share the cards that notes say', () => {
  const notes = 'nodes of 4 GPUs; 4x200 Gb/s InfiniBand per node';
  expect(setOf({ notes })).toEqual(['network.bandwidthGBps[1]=25', 'network.npus[0]=4']);
  expect(setOf({ notes: '4x200 Gb/s InfiniBand per node' })).toEqual(['network.bandwidthGBps[1]=12.5']);
  // One node is not filled.
  expect(setOf({ notes: 'nodes of 4 GPUs', gpus: '2', dp: '2' })).toEqual([]);
});

it.each([
  ['Liger norms and cross-entropy', ['workload.normKernel=fused', 'workload.loss=fused']],
  ['fused linear cross-entropy of Liger', ['workload.normKernel=fused', 'workload.loss=chunked']],
])("%j: norms and loss of Liger's kernels", (notes, set) => {
  expect(setOf({ notes })).toEqual(set);
});
