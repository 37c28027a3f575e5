import { describe, expect, it } from 'vitest';
import { powersOfTwo, psa, range, values } from './builder.js';
import { compilePsa } from './compile.js';
import { loadPsa, loadSources } from './load.js';

describe('the builder', () => {
  const MACHINE = {
    name: 'machine',
    npus: 8,
    dimensions: [{ topology: 'Switch', npus: 8, bandwidthGBps: 100, latencyNs: 500 }],
    compute: { peakTflops: 100, memoryBandwidthGBps: 1000, memoryCapacityGB: 80 },
    workload: { tp: 1, sp: 1, pp: 1 },
  };
  const MODEL = {
    name: 'model',
    layers: 4,
    hidden: 1024,
    ffn: 4096,
    heads: 16,
    seq: 512,
    vocab: 1000,
    batch: 16,
    mlp: 'gelu',
  } as const;

  it('takes systems and models as code describes them, and is loaded again from its texts', () => {
    const described = psa('mine').system(MACHINE).model(MODEL).vary('workload.microBatch', values(1, 2));
    const space = described.compile();
    expect(space).toMatchObject({ npus: 8, count: 2n, systemName: 'machine', workload: { name: 'model' } });
    expect(compilePsa(loadSources(described.sources()))).toEqual(space);
  });

  it('says of described systems and models what is wrong with them', () => {
    expect(() =>
      psa('mine')
        .system({ ...MACHINE, npus: 0 })
        .build(),
    ).toThrow(expect.objectContaining({ file: "psa('mine').system", message: expect.stringContaining('npus is 0') }));
    const { vocab: _, ...lacking } = MODEL;
    expect(() => psa('mine').model(lacking).build()).toThrow(expect.objectContaining({ file: "psa('mine').model" }));
  });

  it('makes the same space as YAML', () => {
    const built = psa('cosmic-network')
      .system('cosmic-1024')
      .model('gpt3-175b')
      .dimensions(4)
      .fix('collective.algorithm', 'topology')
      .perDimension('network.topology', values('Ring', 'Switch', 'FullyConnected'))
      .perDimension('network.npus', values(4, 8, 16))
      .perDimension('network.bandwidthGBps', range(50, 500, 50))
      .constrain('product(network.npus) == system.npus')
      .compile();
    expect(built).toEqual(compilePsa(loadPsa('cosmic-network')));
  });

  it('is loaded again from its texts, to the same space', () => {
    const built = psa('mine')
      .system('dgx-h100')
      .model('llama3-70b')
      .fix('workload.batch', 2048)
      .fix('workload.recomputation', 'full')
      .vary('workload.dp', powersOfTwo(1, 'system.npus'))
      .perDimension('network.bandwidthGBps', [450, values(12.5, 25, 50)])
      .perDimension('network.npus', values(4, 8, 128, 256))
      .constrain('product(network.npus) == system.npus')
      .objective('time*cost');
    const loaded = loadSources(built.sources());
    expect(compilePsa(loaded)).toEqual(built.compile());
    expect(loaded.objective.value).toBe('time*cost');
    const profiled = psa('mine').profile('astra-sim');
    expect(compilePsa(loadSources(profiled.sources(), { profile: 'astra-sim' }))).toEqual(profiled.compile());
  });

  it('takes a profile', () => {
    const { workload } = psa('mine').profile('astra-sim').build();
    expect(workload).toEqual(loadPsa('cosmic-network', { profile: 'astra-sim' }).workload);
    expect(psa('mine').build().workload).toEqual(loadPsa('cosmic-network').workload);
  });

  it('leaves its predecessors as they were', () => {
    const base = psa('base').vary('workload.dp', powersOfTwo(1, 64));
    base.constrain('workload.dp > 1');
    base.vary('workload.ep', values(1, 2));
    expect(base.compile().count).toBe(6n);
  });

  it('checks what types cannot', () => {
    const build = psa('mine');
    const here = { file: "psa('mine')" };
    expect(() => build.vary('workload.dp', values(0))).toThrow(
      expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE', ...here }),
    );
    expect(() => build.perDimension('workload.dp', values(1))).toThrow(
      expect.objectContaining({ code: 'SCHEMA', ...here }),
    );
    expect(() => build.dimensions(5)).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE', ...here }));
    expect(() => build.system('nowhere').build()).toThrow(expect.objectContaining({ code: 'UNKNOWN_PRESET', ...here }));
  });
});
