/** Each rule of Megatron-LM by a job that breaks it alone; what it says comes from its validate_args and TransformerConfig. */
import { describe, expect, it } from 'vitest';
import { violations } from '../legality.js';
import { readConfiguration } from '../readConfiguration.js';
import { MEGATRON } from './megatron.js';

const JOB: Readonly<Record<string, string>> = {
  '--num-layers': '32',
  '--hidden-size': '4096',
  '--ffn-hidden-size': '14336',
  '--num-attention-heads': '32',
  '--group-query-attention': '',
  '--num-query-groups': '8',
  '--seq-length': '8192',
  '--max-position-embeddings': '8192',
  '--tokenizer-type': 'NullTokenizer',
  '--vocab-size': '128255',
  '--tensor-model-parallel-size': '4',
  '--pipeline-model-parallel-size': '2',
  '--sequence-parallel': '',
  '--use-distributed-optimizer': '',
  '--overlap-grad-reduce': '',
  '--micro-batch-size': '1',
  '--global-batch-size': '64',
  '--bf16': '',
};

const EXPERTS = {
  '--num-experts': '8',
  '--moe-token-dispatcher-type': 'alltoall',
  '--expert-model-parallel-size': '4',
};

function rulesOf(changed: Readonly<Record<string, string | undefined>>): string[] {
  const flags = Object.entries({ ...JOB, ...changed }).filter(([, value]) => value !== undefined);
  const text = `torchrun --nproc_per_node 8 --nnodes 4 pretrain_gpt.py ${flags.flat().join(' ')}\n`;
  const file = MEGATRON.parse(text, 'run.sh', new Map());
  return violations(readConfiguration(MEGATRON, file, { system: 'h100-sxm' })).map(({ rule }) => rule);
}

it('a job that Megatron-LM runs breaks none', () => {
  expect(rulesOf({})).toEqual([]);
  expect(rulesOf(EXPERTS)).toEqual([]);
  expect(rulesOf({ ...EXPERTS, '--moe-token-dispatcher-type': 'flex', '--moe-enable-deepep': '' })).toEqual([]);
  expect(rulesOf({ '--num-layers-per-virtual-pipeline-stage': '4' })).toEqual([]);
  expect(rulesOf({ '--context-parallel-size': '2', '--cp-comm-type': 'a2a' })).toEqual([]);
  expect(rulesOf({ '--pipeline-model-parallel-layout': "'Et*17|t*15L'" })).toEqual([]);
  expect(rulesOf({ '--pipeline-model-parallel-layout': "'Et*3|(tt|)*14tL'" })).toEqual([]);
  const ends = { '--decoder-first-pipeline-num-layers': '20', '--decoder-last-pipeline-num-layers': '12' };
  expect(rulesOf(ends)).toEqual([]);
  expect(rulesOf({ ...ends, '--num-virtual-stages-per-pipeline-rank': '4' })).toEqual([]);
  const later = { '--mtp-num-layers': '1', '--pipeline-model-parallel-layout': "'Et*17|t*15mL'" };
  expect(rulesOf(later)).toEqual([]);
});

it('a layout of more stages than can be written out is out of range', () => {
  const layout = { '--pipeline-model-parallel-layout': "'(t|)*99999999999'" };
  expect(() => rulesOf(layout)).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }));
});

describe.each([
  ['world size', { '--tensor-model-parallel-size': '8', '--pipeline-model-parallel-size': '8', '--num-layers': '32' }],
  ['attention heads', { '--num-attention-heads': '34', '--kv-channels': '128', '--num-query-groups': '34' }],
  ['heads of keys and values', { '--num-query-groups': '2' }],
  ['heads of keys and values', { '--num-query-groups': '5' }],
  ['size of a head', { '--hidden-size': '4104' }],
  ['attention kernel', { '--kv-channels': '320' }],
  ['attention kernel', { '--context-parallel-size': '2', '--attention-backend': 'unfused' }],
  ['width of the MLP', { '--ffn-hidden-size': '14338' }],
  ['arguments', { '--batch-size': '4' }],
  ['arguments', { '--model-parallel-size': '8' }],
  ['arguments', { '--warmup': '0.01' }],
  ['layers', { '--num-layers': '33' }],
  ['layers', { '--num-layers-per-virtual-pipeline-stage': '3' }],
  ['layers', { '--pipeline-model-parallel-layout': "'Et*17|t*16L'" }],
  ['layers', { '--decoder-first-pipeline-num-layers': '32' }],
  ['layers', { '--decoder-first-pipeline-num-layers': '15', '--num-virtual-stages-per-pipeline-rank': '5' }],
  ['layers', { '--decoder-last-pipeline-num-layers': '17', '--num-virtual-stages-per-pipeline-rank': '3' }],
  ['layers', { '--pipeline-model-parallel-layout': "'Et*17|t*15L'", '--mtp-num-layers': '1' }],
  ['global batch', { '--global-batch-size': '66' }],
  ['interleaved schedule', { '--num-layers-per-virtual-pipeline-stage': '4', '--global-batch-size': '12' }],
  ['interleaved schedule', { '--num-layers-per-virtual-pipeline-stage': '4', '--no-overlap-p2p-communication': '' }],
  ['sequence length', { '--seq-length': '8190' }],
  [
    'sequence length',
    {
      '--context-parallel-size': '4',
      '--seq-length': '8196',
      '--max-position-embeddings': '16384',
      '--tensor-model-parallel-size': '1',
    },
  ],
  [
    'exchange of heads',
    { '--context-parallel-size': '4', '--cp-comm-type': 'a2a', '--pipeline-model-parallel-size': '1' },
  ],
  ['experts', { ...EXPERTS, '--num-experts': '6' }],
  ['experts', { '--expert-model-parallel-size': '2' }],
  ['experts of a token', { ...EXPERTS, '--moe-router-topk': '9' }],
  ['sequence parallelism', { ...EXPERTS, '--sequence-parallel': undefined }],
  [
    'capacity of experts',
    { ...EXPERTS, '--moe-token-dispatcher-type': 'allgather', '--moe-expert-capacity-factor': '1' },
  ],
  ['capacity of experts', { ...EXPERTS, '--moe-token-dispatcher-type': 'flex', '--moe-expert-capacity-factor': '1' }],
  ['dispatcher of tokens', { ...EXPERTS, '--moe-enable-deepep': '' }],
  ['sizes in low precision', { '--fp8-format': 'hybrid', '--ffn-hidden-size': '14368' }],
  ['overlaps', { '--overlap-param-gather': '', '--use-distributed-optimizer': undefined }],
  ['overlaps', { '--overlap-param-gather': '', '--overlap-grad-reduce': undefined }],
  ['overlaps', { '--tp-comm-overlap': '', '--sequence-parallel': undefined }],
  ['recomputation', { '--recompute-granularity': 'full' }],
  ['recomputation', { '--recompute-granularity': 'selective', '--recompute-method': 'uniform' }],
  ['offload', { '--fine-grained-activation-offloading': '' }],
  ['offload', { '--fine-grained-activation-offloading': '', '--offload-modules': 'attn_proj' }],
  [
    'offload',
    {
      '--fine-grained-activation-offloading': '',
      '--offload-modules': 'core_attn',
      '--cpu-offloading-num-layers': '4',
      '--pipeline-model-parallel-size': '1',
    },
  ],
  ['number format', { '--fp16': '' }],
  ['positions', { '--max-position-embeddings': '4096' }],
  ['context exchange', { '--context-parallel-size': '2', '--cp-comm-type': 'a2a+p2p' }],
  ['sharding', { '--use-torch-fsdp2': '', '--pipeline-model-parallel-size': '1' }],
  ['sharding', { '--num-distributed-optimizer-instances': '3' }],
  ['sharding', { '--num-distributed-optimizer-instances': '2', '--use-distributed-optimizer': undefined }],
  ['attention', { '--multi-latent-attention': '' }],
] as const)('%s', (rule, changed) => {
  it(`is broken by ${Object.entries(changed).flat().join(' ')}`, () => {
    expect([...new Set(rulesOf(changed))]).toEqual([rule]);
  });
});
