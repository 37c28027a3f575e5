import { describe, expect, it } from 'vitest';
import { compilePsa } from './compile.js';
import { countSpace } from './count.js';
import { loadPsa } from './load.js';

function counted(preset: string, system: string) {
  const psa = loadPsa(preset, { system });
  return countSpace(psa, compilePsa(psa));
}

describe('counting', () => {
  it('recomputes what the paper states, and leads from there to the valid designs', () => {
    const { count, published } = counted('cosmic-full', 'cosmic-1024');
    expect(published).toEqual({
      stated: 76_859_228_160_000n,
      count: 76_859_228_160_000n,
      steps: [
        {
          kind: 'parameter',
          text: 'workload.weightSharding',
          numerator: 2n,
          denominator: 1n,
          count: 153_718_456_320_000n,
        },
        {
          kind: 'constraint',
          text: 'product(network.npus) == system.npus',
          numerator: 10n,
          denominator: 81n,
          count: 18_977_587_200_000n,
        },
      ],
    });
    expect(count).toBe(18_977_587_200_000n);
  });

  it('counts other systems by the same rules', () => {
    const { published, count } = counted('cosmic-full', 'cosmic-512');
    // C(12,3) = 220 factorisations of 512.
    expect(published?.count).toBe((76_859_228_160_000n / 286n) * 220n);
    expect(published?.steps.at(-1)).toMatchObject({ numerator: 4n, denominator: 81n, count });
  });

  it('lists the genes', () => {
    const { genes, count, unconstrained, published } = counted('cosmic-network', 'cosmic-1024');
    expect(genes).toContainEqual({ name: 'network.topology[2]', unconstrained: 3, size: 3 });
    expect(genes.reduce((product, { size }) => product * BigInt(size), 1n)).toBe(count);
    expect(unconstrained).toBe(3n ** 4n * 3n ** 4n * 10n ** 4n);
    expect(published).toBeUndefined();
  });

  it('refuses to relax a constraint that there is not', () => {
    const psa = loadPsa('cosmic-full');
    const published = { ...psa.published!, relaxes: [{ value: 'workload.dp > 1', place: { file: 'x', line: 3 } }] };
    expect(() => countSpace({ ...psa, published }, compilePsa(psa))).toThrow(
      expect.objectContaining({ code: 'SCHEMA', file: 'x', line: 3 }),
    );
  });
});
