import { Command } from 'commander';
import { type DoctorReport, examine, type TunedAdapter } from '../backends/doctor.js';
import { tuneMachine } from '../backends/measureRates.js';
import { webgpuFrom } from '../backends/plan.js';
import { type Rates, stepRates } from '../backends/rates.js';
import type { TuningRecord } from '../backends/webgpu/tuning.js';
import { formatNumber } from '../display/format.js';
import { addJsonOption, type JsonOption } from './options.js';
import { note, print } from './output.js';
import { formatTable, left, right } from './table.js';

const EXAMPLE = `
Example:
  cosmic doctor --json
  cosmic doctor --tune

--tune measures on the fastest WebGPU adapter how many threads of a workgroup and how many designs per thread a sweep should
have, then how fast the CPU and WebGPU evaluate and how long WebGPU takes to begin. Both are kept in $XDG_CACHE_HOME/cosmic
(~/.cache/cosmic): all later runs take the tuning, and auto chooses by the rates. It compiles the sweep six times, which takes
up to a minute.`;

const MIB = 2 ** 20;

export function doctorCommand(): Command {
  const command = new Command('doctor').description(
    'Tell what this machine can evaluate on: adapters, drivers, limits, which backend auto takes, what to install.',
  );
  return addJsonOption(command)
    .addHelpText('after', EXAMPLE)
    .option('--tune', 'measure what the fastest adapter sweeps best with, and keep it')
    .action(async (options: JsonOption & { tune?: boolean }) => {
      const tuned = options.tune === true ? await tuneMachine(showCandidate) : undefined;
      if (tuned?.stepsError !== undefined)
        note(
          `steps of the astra-sim profile were not measured, so that auto runs them on the CPU: ${tuned.stepsError}`,
        );
      const report = await examine();
      print(
        options.json,
        () => ({ ...report, tuned: tuned?.adapter }),
        () => lines(report, tuned?.adapter),
      );
    });
}

function showCandidate({
  workgroupSize,
  designsPerThread,
  designsPerSecond,
}: TuningRecord['candidates'][number]): void {
  note(`${workgroupSize} × ${designsPerThread}: ${formatNumber(designsPerSecond)} designs/s`);
}

function lines(report: DoctorReport, tuned: TuningRecord | undefined): string[] {
  const { rates } = report;
  return [
    `Node.js  ${report.node}`,
    `system   ${report.os}`,
    `CPU      ${report.cpu}, ${report.cores} cores for this process`,
    `auto     takes ${report.auto.backend}: ${report.auto.reason}`,
    ...(rates === undefined ? [] : jobLines(rates)),
    '',
    ...section('Vulkan drivers', driverTable(report)),
    ...section('WebGPU adapters', report.webgpuError ?? adapterTable(report)),
    ...warningLines(report),
    ...cacheLines(report),
    ...(rates === undefined ? [] : section('Designs a second', rateTable(rates))),
    ...(tuned === undefined ? [] : section(`Tunings of ${tuned.adapter}`, candidateTable(tuned))),
    ...(report.advice.length === 0 ? [] : ['What to do:', ...report.advice.map((advice) => `  ${advice}`)]),
  ];
}

/** What `auto` takes for jobs whose size is known. */
function jobLines(rates: Rates): string[] {
  const line = (of: Rates, profile: string, handsOver: boolean) => {
    const from = (kind: 'sweep' | 'search') => {
      const designs = webgpuFrom({ kind, handsOver }, of);
      return designs === undefined ? 'never' : `from about ${formatNumber(designs)} designs on`;
    };
    return `         by rates of ${of.date}${profile}: webgpu for sweeps ${from('sweep')}, for searches ${from('search')}`;
  };
  const steps = stepRates(rates);
  return [line(rates, '', true), ...(steps === undefined ? [] : [line(steps, ' in the astra-sim profile', false)])];
}

/** Dawn prints them itself whenever it opens such a driver, before anything of this page. */
function warningLines({ adapters }: DoctorReport): string[] {
  if (adapters.length === 0) return [];
  return ["Warnings of maxDynamic…BuffersPerPipelineLayout on stderr are Dawn's own, and mean nothing here.", ''];
}

/** Of Mesa: are kernels compiled once, or in each run? */
function cacheLines({ shaderCache }: DoctorReport): string[] {
  if (shaderCache === undefined) return [];
  const { folder, off } = shaderCache;
  return [
    off === undefined ? `Mesa keeps compiled kernels in ${folder}` : `Mesa keeps no compiled kernels: ${off}`,
    '',
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
    right('storage binding (MiB)', 0),
    right('threads per workgroup', 0),
    left('tuning'),
  ];
  const rows = adapters.map(({ name, type, driver, limits, tuning }) => [
    // Dawn writes dashes for brackets, at the end too.
    name.replace(/-+$/, ''),
    type,
    driver,
    formatNumber(Math.floor(limits.maxBufferSize / MIB)),
    formatNumber(Math.floor(limits.maxStorageBufferBindingSize / MIB)),
    formatNumber(limits.maxComputeInvocationsPerWorkgroup),
    tuningText(tuning),
  ]);
  return formatTable(columns, rows);
}

/** `128 × 2, of 2026-11-22`: threads of a workgroup × designs of a thread, and where that is from. */
function tuningText({ tuning, date, note }: TunedAdapter['tuning']): string {
  const shape = `${tuning.workgroupSize} × ${tuning.designsPerThread}`;
  if (date !== undefined) return `${shape}, of ${date}`;
  return note === undefined ? `${shape}, default` : `${shape}, default; ${note}`;
}

function rateTable(rates: Rates): string {
  const { threads, adapter } = rates;
  const columns = [left(''), right('in a sweep'), right('in a search'), right('begins after (ms)')];
  const row = (name: string, { sweep, search }: Rates['cpu'], beginsMs: number) => [
    name,
    ...[sweep, search, beginsMs].map(formatNumber),
  ];
  const cores = `cpu, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  const steps = stepRates(rates);
  const rows = ({ cpu, webgpu, startUpMs }: Rates, profile: string) => [
    row(`${cores}${profile}`, cpu, 0),
    row(`webgpu, ${adapter}${profile}`, webgpu, startUpMs),
  ];
  return formatTable(columns, [...rows(rates, ''), ...(steps === undefined ? [] : rows(steps, ', astra-sim'))]);
}

function candidateTable({ candidates, chosen }: TuningRecord): string {
  const columns = [right('threads'), right('designs per thread'), right('designs/s'), left('')];
  const rows = candidates.map(({ workgroupSize, designsPerThread, designsPerSecond }) => [
    formatNumber(workgroupSize),
    formatNumber(designsPerThread),
    formatNumber(designsPerSecond),
    workgroupSize === chosen.workgroupSize && designsPerThread === chosen.designsPerThread ? 'taken' : '',
  ]);
  return formatTable(columns, rows);
}
