/** What is read of rows of NeMo AutoModel beyond their words. */
import { expect, it } from 'vitest';
import { trainingRow } from './row.js';
import { stated } from './statements.js';

const cells = {
  ...{ id: 'a', source: 'b', gpu: 'h100-80g', gpus: '8', hidden: '1024', ffn: '4096', layers: '6', heads: '8' },
  ...{ seq: '2048', vocab: '32000', tp: '1', pp: '1', dp: '8', global_batch: '64', notes: '' },
};

it('its benchmarks have a loss on logits in half precision', () => {
  const set = (framework_version: string) =>
    stated(trainingRow.parse({ ...cells, framework_version })).flatMap((one) => one.set);
  expect(set('NeMo AutoModel main')).toContain('workload.loss=half');
  expect(set('torchtitan')).not.toContain('workload.loss=half');
});
