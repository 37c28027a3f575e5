import { Command } from 'commander';
import { type DoctorReport, examine } from '../doctor.js';
import { formatNumber } from './format.js';
import { addJsonOption, type JsonOption } from './options.js';
import { formatTable, left, right } from './table.js';

const EXAMPLE = `
Example:
  cosmic doctor --json`;

const MIB = 2 ** 20;

export function doctorCommand(): Command {
  const command = new Command('doctor').description(
    'Tell what this machine can evaluate on: adapters, drivers, limits, which backend auto takes, what to install.',
  );
  return addJsonOption(command)
    .addHelpText('after', EXAMPLE)
    .action(async (options: JsonOption) => {
      const report = await examine();
      process.stdout.write(
        options.json === true ? `${JSON.stringify(report, null, 2)}\n` : `${lines(report).join('\n')}\n`,
      );
    });
}

function lines(report: DoctorReport): string[] {
  return [
    `Node.js  ${report.node}`,
    `system   ${report.os}`,
    `CPU      ${report.cpu}, ${report.cores} cores for this process`,
    `auto     takes ${report.auto.backend}: ${report.auto.reason}`,
    '',
    ...section('Vulkan drivers', driverTable(report)),
    ...section('WebGPU adapters', report.webgpuError ?? adapterTable(report)),
    ...(report.advice.length === 0 ? [] : ['What to do:', ...report.advice.map((advice) => `  ${advice}`)]),
  ];
}

function section(title: string, body: string): string[] {
  return body === '' ? [`${title}: none`, ''] : [`${title}:`, '', body, ''];
}

function driverTable({ vulkanDrivers }: DoctorReport): string {
  if (vulkanDrivers.length === 0) return '';
  return formatTable(
    [left('file'), left('library')],
    vulkanDrivers.map(({ file, library }) => [file, library]),
  );
}

function adapterTable({ adapters }: DoctorReport): string {
  if (adapters.length === 0) return '';
  const columns = [
    left('adapter'),
    left('type'),
    left('driver'),
    right('largest buffer (MiB)'),
    right('storage binding (MiB)'),
    right('threads per workgroup'),
  ];
  const rows = adapters.map(({ name, type, driver, limits }) => [
    name,
    type,
    driver,
    formatNumber(Math.floor(limits.maxBufferSize / MIB)),
    formatNumber(Math.floor(limits.maxStorageBufferBindingSize / MIB)),
    formatNumber(limits.maxComputeInvocationsPerWorkgroup),
  ]);
  return formatTable(columns, rows);
}
