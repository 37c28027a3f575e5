import { describe, expect, it } from 'vitest';
import { PARAMETERS } from './parameters.js';
import { listPresets } from './presets.js';
import { slipOf, suggest } from './suggest.js';

const PARAMETER_NAMES = PARAMETERS.map(({ name }) => name);

describe('a word of the field', () => {
  it.each([
    ['hsdp', ['none', 'zero1', 'zero2', 'zero3'], 'zero1 the optimizer state, zero2'],
    ['workload.ulysses', PARAMETER_NAMES, 'workload.sp'],
    ['context_parallel_size', PARAMETER_NAMES, 'workload.sp'],
    ['compute.dtype', PARAMETER_NAMES, 'workload.precision'],
    ['precision', ['unfused', 'fused', 'attention'], 'workload.precision'],
    ['glu', ['gelu', 'swiglu'], 'swiglu, geglu or reglu'],
    ['dgx-b200', listPresets('systems'), 'the machine is b200'],
    ['B200', listPresets('systems'), 'the machine is b200'],
    ['V100', listPresets('systems'), 'no preset of this machine'],
    ['h100', listPresets('systems'), 'the machine is h100-sxm'],
    ['npus', PARAMETER_NAMES, 'the number of GPUs is system.npus'],
    ['workload.recompute', PARAMETER_NAMES, 'workload.recomputation'],
  ])('%s says what it is here', (name, known, meaning) => {
    const answer = suggest(name, known);
    expect(answer).toContain(meaning);
    expect(answer).not.toContain('did you mean');
  });
});

describe('another name', () => {
  it('is a slip of one that it differs from in few letters', () => {
    expect(suggest('workload.dq', PARAMETER_NAMES)).toBe("did you mean 'workload.dp'?");
    expect(suggest('tp', PARAMETER_NAMES)).toBe("did you mean 'workload.tp'?");
    expect(suggest('microbatch', PARAMETER_NAMES)).toBe("did you mean 'workload.microBatch'?");
    expect(suggest('1fb1', ['gpipe', '1f1b'])).toBe("did you mean '1f1b'?");
    expect(suggest('llama3-70B', listPresets('models'))).toBe("did you mean 'llama3-70b'?");
  });

  it.each([
    ['dgx-a200', ['dgx-a100', 'dgx-h100']],
    ['agent', ['target']],
    ['workload.xy', ['workload.dp', 'workload.tp']],
    ['workload.fraction', ['workload.attention']],
  ])('%s is none: the known ones are listed', (name, known) => {
    expect(suggest(name, known)).toBe(`use one of ${known.join(', ')}`);
  });

  it('that begins as some known ones do gets these', () => {
    expect(suggest('model.foo', ['workload.dp', 'model.layers', 'model.heads'])).toBe(
      'use one of model.layers, model.heads',
    );
  });
});

describe('a name that is surely a slip', () => {
  const FLAGS = [
    '--tensor-model-parallel-size',
    '--pipeline-model-parallel-size',
    '--micro-batch-size',
    '--bf16',
    '--fp16',
  ];

  it.each([
    ['--tensor-model-paralel-size', '--tensor-model-parallel-size'],
    ['--tensor_model_parallel_size', undefined],
    ['--micro-batch-sizes', '--micro-batch-size'],
    ['--micro-batch', '--micro-batch-size'],
    ['--bp16', '--bf16'],
    ['--frobnicate', undefined],
    ['--macro-patch-site', undefined],
  ])('%s: %s', (name, meant) => {
    expect(slipOf(name, FLAGS)).toBe(meant);
  });

  it('is the nearest, not the first', () => {
    expect(slipOf('pp_sise', ['tp_size', 'pp_size', 'ep_size'])).toBe('pp_size');
  });
});
