import { describe, expect, it } from 'vitest';
import { compilePsa } from './compile.js';
import { parseSource } from './document.js';
import { readText } from './files.js';
import { loadPsa } from './load.js';
import { readModel, workloadOf } from './model.js';
import { SLOT } from './parameters.js';
import { presetFile } from './presets.js';

function genes(preset: string, ...set: string[]): Record<string, number[]> {
  const space = compilePsa(loadPsa(preset, { set }));
  return Object.fromEntries(space.genes.map(({ name, table }) => [name, [...table]]));
}

describe('overrides', () => {
  it('pin a parameter', () => {
    const space = compilePsa(loadPsa('cosmic-workload', { set: ['workload.dp=8', 'workload.weightSharding = zero1'] }));
    expect(space.fixed[SLOT.workload.dp]).toBe(8);
    expect(space.fixed[SLOT.workload.weightSharding]).toBe(1);
    // 1024 / 8 = 2^7 = sp · tp · pp in C(9,2) ways.
    expect(space.count).toBe(36n);
  });

  it('vary a parameter over a list, shared or per dimension as before', () => {
    expect(genes('cosmic-collective', 'network.bandwidthGBps=100,200')).toHaveProperty(
      ['network.bandwidthGBps'],
      [100, 100, 100, 100, 200, 200, 200, 200],
    );
    expect(genes('cosmic-network', 'network.bandwidthGBps=100,200')).toHaveProperty(
      ['network.bandwidthGBps[3]'],
      [100, 200],
    );
    expect(genes('cosmic-network', 'workload.attention=all')).toHaveProperty(['workload.attention'], [0, 1]);
  });

  it('change one dimension alone', () => {
    const space = compilePsa(
      loadPsa('cosmic-network', { set: ['network.npus[0]=8', 'network.bandwidthGBps[1]=10,20'] }),
    );
    expect(space.fixed[SLOT.network.npus]).toBe(8);
    // 1024 / 8 = 128 = n1 · n2 · n3 of 4, 8, 16: exponents 2–4 with sum 7.
    const npus = space.genes.find(({ parameters }) => parameters.includes('network.npus[1]'));
    expect(npus?.size).toBe(3);
    const bandwidth = space.genes.filter(({ name }) => name.startsWith('network.bandwidthGBps'));
    expect(bandwidth.map(({ name, size }) => `${name} ${size}`)).toEqual([
      'network.bandwidthGBps[0] 10',
      'network.bandwidthGBps[1] 2',
      'network.bandwidthGBps[2] 10',
      'network.bandwidthGBps[3] 10',
    ]);
  });

  it('let the last one win', () => {
    const space = compilePsa(loadPsa('cosmic-collective', { set: ['network.latencyNs[1]=5', 'network.latencyNs=7'] }));
    const latency = SLOT.network.latencyNs;
    expect([...space.fixed.slice(latency, latency + 4)]).toEqual([7, 7, 7, 7]);
  });

  it('change the model, and what follows from its fields', () => {
    const [phase] = loadPsa('cosmic-full', { set: ['model.layers=4', 'model.hidden=6144', 'model.seq=4096'] }).workload
      .phases;
    expect(phase).toMatchObject({ layers: 4, hidden: 6144, headDim: 64, seq: 4096, context: 4096 });
    const chat = loadPsa('cosmic-full', { model: 'gpt3-175b-chat', set: ['model.seq=500', 'model.context=900'] });
    expect(chat.workload.phases).toMatchObject([
      { phase: 'prefill', seq: 500, context: 500 },
      { phase: 'decode', seq: 1, context: 900 },
    ]);
    const gated = loadPsa('cosmic-full', { set: ['model.mlp=swiglu'] });
    expect(gated.workload.phases).toMatchObject([{ gated: true, dropout: false, learnedPositions: false }]);
    const ensemble = loadPsa('cosmic-full', { model: 'cosmic-ensemble', set: ['model.layers=4'] });
    expect(ensemble.workload.phases.map(({ layers }) => layers)).toEqual([4, 4, 4, 4]);
  });

  it.each([
    ['gpt3-175b', 128, 128],
    ['llama3-70b', 128, 8],
    ['llama3-70b', 4, 4],
  ])('leave %s with %d heads a KV head for each of them, or its groups', (model, heads, kvHeads) => {
    const [phase] = loadPsa('cosmic-full', { model, set: [`model.heads=${heads}`] }).workload.phases;
    expect(phase).toMatchObject({ heads, kvHeads });
  });

  it('change the phase as a file that says it', () => {
    const text = readText(presetFile('models', 'gpt3-175b', {}), '');
    const source = parseSource(`${text}\nphase: decode\ncontext: 3000\n`, 'decode.yaml');
    const fromFile = workloadOf(readModel([source]));
    const inOrder = loadPsa('cosmic-full', { set: ['model.phase=decode', 'model.context=3000'] }).workload;
    const reversed = loadPsa('cosmic-full', { set: ['model.context=3000', 'model.phase=decode'] }).workload;
    expect(inOrder).toEqual(fromFile);
    expect(reversed).toEqual(fromFile);
    const [cache] = loadPsa('cosmic-full', { set: ['model.phase=decode'] }).workload.phases;
    expect(cache).toMatchObject({ phase: 'decode', seq: 1, context: 2048 });
  });

  it('are held to the profile once all of them are known', () => {
    expect(() => loadPsa('cosmic-full', { profile: 'astra-sim', set: ['model.phase=prefill'] })).toThrow(
      expect.objectContaining({ code: 'ARGUMENT', message: expect.stringContaining('astra-sim') }),
    );
  });

  it('resize a system whose nodes follow', () => {
    const space = compilePsa(loadPsa('cosmic-collective', { system: 'dgx-a100', set: ['system.npus=256'] }));
    expect(space.npus).toBe(256);
    expect(space.fixed[SLOT.network.npus + 1]).toBe(32);
    expect(space.fixed[SLOT.workload.dp]).toBe(4);
  });

  it.each([
    ['workload.dp', 'ARGUMENT', 'name=value'],
    ['workload.dp=', 'ARGUMENT', 'name=value'],
    ['workload.dp=0', 'VALUE_OUT_OF_RANGE', 'out of range'],
    ['workload.dp=1,x', 'SCHEMA', '"x"'],
    ['workload.dpp=3', 'UNKNOWN_PARAMETER', 'workload.dpp'],
    ['workload.dp[0]=3', 'ARGUMENT', 'dimension 0'],
    ['network.npus[4]=3', 'ARGUMENT', 'dimension 4'],
    ['workload.recomputation=on', 'SCHEMA', '"on"'],
    ['model.laers=4', 'UNKNOWN_PARAMETER', 'model.laers'],
    ['model.layers=0', 'VALUE_OUT_OF_RANGE', 'model.layers'],
    ['model.context=9', 'ARGUMENT', 'model.context'],
    ['model.kvHeads=7', 'VALUE_OUT_OF_RANGE', '7 kvHeads'],
    ['system.npus=0', 'VALUE_OUT_OF_RANGE', 'system.npus'],
  ])('%s is an error that names the argument', (argument, code, message) => {
    expect(() => loadPsa('cosmic-full', { set: [argument] })).toThrow(
      expect.objectContaining({ code, file: `--set ${argument}`, message: expect.stringContaining(message) }),
    );
  });
});
