import { describe, expect, it } from 'vitest';
import { CosmicError } from '../../psa/errors.js';
import { shard } from './shard.js';

const slurm = (id: number, min: number, max: number, count: number) => ({
  SLURM_ARRAY_TASK_ID: String(id),
  SLURM_ARRAY_TASK_MIN: String(min),
  SLURM_ARRAY_TASK_MAX: String(max),
  SLURM_ARRAY_TASK_COUNT: String(count),
});

describe('the shard of a task', () => {
  it('is that of an array of Slurm', () => {
    expect(shard('slurm', slurm(3, 1, 8, 8))).toEqual({ index: 3, of: 8 });
    expect(shard('auto', slurm(8, 1, 8, 8))).toEqual({ index: 8, of: 8 });
  });

  it('is that of an indexed Job of Kubernetes, which counts from 0', () => {
    expect(shard('auto', { JOB_COMPLETION_INDEX: '0', COSMIC_SHARDS: '5' })).toEqual({ index: 1, of: 5 });
    expect(shard('auto', { JOB_COMPLETION_INDEX: '4', COSMIC_SHARDS: '5' })).toEqual({ index: 5, of: 5 });
  });

  it.each([
    ['slurm', {}],
    ['auto', {}],
    // One task that is submitted again by itself, and arrays with gaps.
    ['slurm', slurm(3, 3, 3, 1)],
    ['slurm', slurm(3, 1, 9, 5)],
    ['auto', slurm(0, 0, 7, 8)],
    ['auto', { JOB_COMPLETION_INDEX: '5', COSMIC_SHARDS: '5' }],
    ['auto', { JOB_COMPLETION_INDEX: '1' }],
    ['auto', { JOB_COMPLETION_INDEX: 'one', COSMIC_SHARDS: '5' }],
  ])('%s is refused where it is not certain: %j', (text, environment) => {
    expect(() => shard(text, environment)).toThrow(CosmicError);
  });
});
