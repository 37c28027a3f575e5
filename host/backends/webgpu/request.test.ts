import { describe, expect, it } from 'vitest';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { EVOLUTION_BYTES, EVOLUTION_OFFSETS, packGeneration } from '../../../kernels/evolution/layout.js';
import { compilePsa, loadPsa } from '../../../psa/index.js';
import { EVOLUTION_BINDINGS, SPACE_BINDINGS, TASK_BINDINGS } from './pipelines.js';
import { packRequest, REQUEST_BYTES, REQUEST_OFFSETS } from './request.js';
import { loadShader } from './shader.js';

const reflection = new WgslReflect(loadShader(compilePsa(loadPsa('cosmic-full'))).code);
const struct = reflection.structs.find(({ name }) => name === 'Request')!;

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

describe('the request', () => {
  it('lies as the WGSL struct does', () => {
    expect(struct.size).toBe(REQUEST_BYTES);
    expect(Object.entries(REQUEST_OFFSETS).map(([name, offset]) => [snakeCase(name), offset])).toEqual(
      struct.members.map(({ name, offset }) => [name, offset]),
    );
  });

  it('writes each field to its place, with its type', () => {
    const view = new DataView(
      packRequest({
        count: 4096,
        seed: 2 ** 32 - 1,
        startLow: 2 ** 31,
        startHigh: 7,
        objectiveCount: 2,
        infeasible: 0x7ff,
        pareto: 1,
        frontSize: 9,
        threshold: 0.25,
        run: 100,
      }),
    );
    const words = Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i, true));
    expect(words).toEqual([4096, 4294967295, 2147483648, 7, 2, 0x7ff, 1, 9]);
    expect(view.getFloat32(REQUEST_OFFSETS.threshold, true)).toBe(0.25);
    expect(view.getUint32(REQUEST_OFFSETS.run, true)).toBe(100);
  });
});

describe('an evolution', () => {
  const members = (name: string) => reflection.structs.find((candidate) => candidate.name === name)!;

  it('lies as the WGSL struct does', () => {
    const evolution = members('Evolution');
    expect(evolution.size).toBe(EVOLUTION_BYTES);
    expect(Object.entries(EVOLUTION_OFFSETS).map(([name, offset]) => [snakeCase(name), offset])).toEqual(
      evolution.members.map(({ name, offset }) => [name, offset]),
    );
  });

  it('has generations in the order of their fields', () => {
    const fields = { number: 1, count: 2, parents: 3, children: 4, report: 5 };
    expect(Object.keys(fields)).toEqual(members('Generation').members.map(({ name }) => name));
    expect([...packGeneration(fields)]).toEqual(Object.values(fields));
  });
});

describe('the bindings', () => {
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
