/** How dist/ is made: bundled, so that a command reads few files, which hold no more than what it needs. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

/** What is imported or run by its path in dist/: the library, the command line, and what threads run. */
const ENTRIES = [
  'host/index',
  'host/cli/main',
  'host/backends/cpu/worker',
  'host/study/trialWorker',
  'psa/preparePresets',
];

/** Native or optional: installed beside dist/, and loaded when it is used. */
export const EXTERNAL = ['webgpu', 'gpu.js', 'msgpackr-extract'];

export function entriesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, fileURLToPath(new URL(`${name}.ts`, import.meta.url))]));
}

/** The chart library as its makers built it, which reports contain, with the notice that its licence asks for. */
function chartLibrary(): Plugin {
  const read = (file: string): string => readFileSync(new URL(`node_modules/echarts/${file}`, import.meta.url), 'utf8');
  return {
    name: 'chart-library',
    generateBundle() {
      this.emitFile({
        type: 'asset',
        fileName: 'host/report/page/echarts.min.js',
        source: read('dist/echarts.min.js'),
      });
      this.emitFile({ type: 'asset', fileName: 'host/report/page/echarts.NOTICE', source: read('NOTICE') });
    },
  };
}

export default defineConfig({
  plugins: [chartLibrary()],
  ssr: { noExternal: true, external: EXTERNAL },
  build: {
    ssr: true,
    target: 'node20',
    // Whoever sees a stack trace is to find the line, and test/startUp.test.ts the modules of a chunk.
    minify: false,
    // A command that runs meanwhile still finds its chunks.
    emptyOutDir: false,
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      input: entriesOf(ENTRIES),
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js' },
    },
  },
});
