// Compile a PsA, count its designs exactly, and read one of them.
//   node examples/count.mjs
import { compilePsa, describeDesign, loadPsa } from 'cosmic';

const space = compilePsa(loadPsa('cosmic-full'));
console.log(`${space.name} on ${space.systemName}: ${space.count.toLocaleString('en')} designs`);
for (const gene of space.genes) console.log(`  ${gene.name}: ${gene.size}`);

const ordinal = 1_234_567_890_123n;
console.log(`Design ${ordinal.toLocaleString('en')} sets:`);
for (const { parameter, dimension, value, unit, open } of describeDesign(space, ordinal)) {
  if (open) console.log(`  ${parameter}${dimension === undefined ? '' : `[${dimension}]`} = ${value} ${unit}`.trimEnd());
}
