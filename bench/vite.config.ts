/** How dist/bench is made: the benchmarks, beside the dist/ of {@link project}, whose threads they use. */
import { defineConfig } from 'vite';
import project, { EXTERNAL, entriesOf } from '../vite.config.js';

/** Each is run by itself, too. */
const ENTRIES = [
  'bench/main',
  'bench/operations',
  'bench/concepts/measure',
  'bench/compareCommands',
  'bench/queue',
  'bench/bundle/main',
];

/** Of the benchmarks alone; bench/bundle takes them along. */
const PACKAGES = ['benchmark', 'wgsl_reflect'];

export default defineConfig({
  ssr: { noExternal: true, external: [...EXTERNAL, ...PACKAGES] },
  build: {
    ...project.build,
    license: false,
    rolldownOptions: {
      input: entriesOf(ENTRIES),
      output: { entryFileNames: '[name].js', chunkFileNames: 'bench/chunks/[name].js' },
    },
  },
});
