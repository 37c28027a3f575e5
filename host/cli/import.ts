import { basename } from 'node:path';
import { Command } from 'commander';
import { CosmicError } from '../../psa/errors.js';
import { writeAtomically } from '../disk/files.js';
import { importAstra } from '../export/astraImport.js';
import { addJsonOption, type JsonOption } from './options.js';
import { print } from './output.js';

interface ImportCommandOptions extends JsonOption {
  readonly out: string;
  readonly memoryCapacity: number;
}

const EXAMPLE = `
Example:
  cosmic import network.yml system.json --out mine.yaml && cosmic simulate --system mine.yaml`;

export function importCommand(): Command {
  const command = new Command('import')
    .description("Write a target system from ASTRA-sim's network and system files.")
    .argument('<network>', 'network file (YAML or JSON)')
    .argument('<system>', 'system file (JSON)')
    .option('--memory-capacity <GB>', 'of an NPU: ASTRA-sim has none', capacity, 80)
    .requiredOption('--out <file>', 'the system file to write');
  return addJsonOption(command)
    .addHelpText('after', EXAMPLE)
    .action((network: string, system: string, { out, memoryCapacity, json }: ImportCommandOptions) => {
      const name = basename(out).replace(/\.ya?ml$/, '');
      const { yaml, notes } = importAstra(network, system, { name, memoryCapacityGB: memoryCapacity });
      writeAtomically(out, yaml);
      print(
        json,
        () => ({ file: out, notes }),
        () => [`written to ${out}; use it by --system ${out}`, ...notes.map((note) => `  - ${note}`)],
      );
    });
}

function capacity(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1e6) return value;
  throw new CosmicError('ARGUMENT', `--memory-capacity is '${text}'`, { remedy: 'give gigabytes, such as 80' });
}
