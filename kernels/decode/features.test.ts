import { describe, expect, it } from 'vitest';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { FEATURES, hasFeature } from './features.js';

describe('the time of the host', () => {
  const hasHostTime = (...set: string[]) => {
    const space = compilePsa(loadPsa('cosmic-full', { model: 'mixtral-8x7b', set }));
    return hasFeature(space, FEATURES.find(({ constant }) => constant === 'HAS_HOST_TIME')!);
  };

  it('is there where any of its parameters has a value', () => {
    expect(hasHostTime()).toBe(false);
    for (const name of ['hostLaunchUs', 'hostMicroBatchUs', 'hostExpertUs', 'hostShardUs']) {
      expect([name, hasHostTime(`compute.${name}=20`)]).toEqual([name, true]);
    }
  });
});
