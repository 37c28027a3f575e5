#!/usr/bin/env node
// The command, which is there before the first build: it runs what is built, or says how to build it.
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/host/cli/main.js', import.meta.url);

try {
  await import(main.href);
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  const folder = fileURLToPath(new URL('..', import.meta.url));
  process.stderr.write(
    `error: cosmic is not built yet, or not installed\n  at:  ${folder}\n  fix: run npm start there, which installs, builds and runs the main job\n`,
  );
  process.exitCode = 2;
}
