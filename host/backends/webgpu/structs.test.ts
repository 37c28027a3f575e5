import { describe, expect, it } from 'vitest';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { evolutionFields, type GenerationFields, OPEN_GENE_VECTORS } from '../../../kernels/evolution/layout.js';
import { packLimits } from '../../../kernels/objective/fitness.js';
import { MAX_LIMITS } from '../../../kernels/objective/limits.js';
import { compilePsa, loadPsa } from '../../../psa/index.js';
import { EVOLUTION_BINDINGS, SPACE_BINDINGS, TASK_BINDINGS } from './pipelines.js';
import { loadShader } from './shader.js';
import { loadStructs } from './structs.js';

const structs = await loadStructs();

describe('structs', () => {
  it('have the size of the WGSL', () => {
    // 10 and 5 words; an array of vectors begins at a multiple of 16 bytes.
    expect(structs.sizeOf('Request')).toBe(48 + 16 * MAX_LIMITS);
    expect(structs.sizeOf('Generation')).toBe(20);
    expect(structs.sizeOf('Evolution')).toBe(32 + 16 * OPEN_GENE_VECTORS);
  });

  it('write each field to its place, with its type', () => {
    const request = structs.view('Request');
    const limit = { label: '', output: 3, factor: 1e-3, sense: '>=', bound: 2 } as const;
    request.write({
      count: 4096,
      seed: 2 ** 32 - 1,
      startLow: 2 ** 31,
      startHigh: 7,
      infeasible: 0x7ff,
      pareto: 1,
      frontSize: 9,
      threshold: 0.25,
      run: 100,
      limitCount: 1,
      limits: packLimits([limit]),
    });
    const view = new DataView(request.memory);
    const words = Array.from({ length: 7 }, (_, i) => view.getUint32(4 * i, true));
    expect(words).toEqual([4096, 4294967295, 2147483648, 7, 0x7ff, 1, 9]);
    expect(view.getFloat32(28, true)).toBe(0.25);
    expect(view.getUint32(32, true)).toBe(100);
    expect(view.getUint32(36, true)).toBe(1);
    expect([...new Float32Array(request.memory, 48, 4)]).toEqual([3, Math.fround(1e-3), -1, 2]);
  });

  it('write arrays from where the WGSL has them', () => {
    const evolution = structs.view('Evolution');
    const breeding = { seed: 1, islands: 2, population: 3, tournament: 4, crossover: 5, migration: 6, mutation: 7 };
    const open = { openGenes: Uint32Array.of(9, 8), sizes: new Uint32Array(0) };
    evolution.write(evolutionFields({ ...breeding, ...open }, 44));
    const words = new Uint32Array(evolution.memory);
    expect([...words.subarray(0, 10)]).toEqual([1, 2, 3, 4, 5, 6, 7, 44, 9, 8]);
  });

  it('lie side by side in one memory', () => {
    const memory = new ArrayBuffer(256 + 20);
    structs.view('Generation', memory, 256).write({ number: 1, count: 2, parents: 3, children: 4, tally: 5 });
    expect([...new Uint32Array(memory, 256)]).toEqual([1, 2, 3, 4, 5]);
  });

  it('refuse a struct with a field missing', () => {
    expect(() => structs.view('Generation').write({ number: 1 } as GenerationFields)).toThrow(TypeError);
  });
});

describe('the bindings', () => {
  const reflection = new WgslReflect(loadShader(compilePsa(loadPsa('cosmic-full'))).code);
  const groups = reflection.getBindGroups();

  function typesOf(group: number): GPUBufferBindingType[] {
    return groups[group]!.map((binding) => {
      if (binding!.resourceType === 0) return 'uniform';
      return binding!.access === 'read' ? 'read-only-storage' : 'storage';
    });
  }

  it('have the types that the layouts name', () => {
    expect(typesOf(0)).toEqual(SPACE_BINDINGS);
    expect(typesOf(1)).toEqual([...TASK_BINDINGS.evaluate.types, ...TASK_BINDINGS.sweep.types]);
    expect(typesOf(2)).toEqual(EVOLUTION_BINDINGS);
    expect(TASK_BINDINGS.walk).toEqual(TASK_BINDINGS.sweep);
    expect(TASK_BINDINGS.sweep.first).toBe(TASK_BINDINGS.evaluate.types.length);
  });

  it('stay within the eight storage buffers that every WebGPU device has', () => {
    for (const [entry, { types }] of Object.entries(TASK_BINDINGS)) {
      const further = entry === 'evolve' || entry === 'elect' ? EVOLUTION_BINDINGS : [];
      expect([...SPACE_BINDINGS, ...types, ...further].filter((type) => type !== 'uniform').length).toBeLessThanOrEqual(
        8,
      );
    }
  });
});
