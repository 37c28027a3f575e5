import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, type } from 'node:os';
import { join } from 'node:path';
import { CosmicError } from '../../psa/errors.js';
import { type Choice, chooseBackend } from './chooseBackend.js';
import { keptRates, type Rates } from './rates.js';
import { type AdapterSummary, listAdapters } from './webgpu/adapters.js';
import { type ShaderCache, shaderCache } from './webgpu/shaderCache.js';
import { type TuningChoice, tuningOf } from './webgpu/tuning.js';

/** A Vulkan driver that is installed: an installable client driver's file and the library that it names. */
export interface VulkanDriver {
  readonly file: string;
  readonly library: string;
}

/** An adapter, and the tuning that it is used with. */
export type TunedAdapter = AdapterSummary & { readonly tuning: TuningChoice };

/** What `cosmic doctor` tells of a machine. */
export interface DoctorReport {
  readonly node: string;
  readonly os: string;
  readonly cpu: string;
  /** Cores that the process may use. */
  readonly cores: number;
  readonly vulkanDrivers: readonly VulkanDriver[];
  readonly adapters: readonly TunedAdapter[];
  /** Why WebGPU does not even load; undefined if it does. */
  readonly webgpuError: string | undefined;
  /** Of Mesa's drivers; undefined where no adapter is of one. */
  readonly shaderCache: ShaderCache | undefined;
  readonly auto: Choice;
  /** What `auto` goes by where the size of a job is known; undefined where nothing was measured on these cores. */
  readonly rates: Rates | undefined;
  /** What to install or do; empty if nothing is missing. */
  readonly advice: readonly string[];
}

/** Where the Vulkan loader looks on Linux, see "Driver interface" in its documentation. */
const DRIVER_FOLDERS = ['/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/usr/share/vulkan/icd.d'];

const SOFTWARE_ADVICE =
  'software Vulkan evaluates large sweeps several times as fast as the CPU alone, and tests the kernels: on Debian 12 `apt-get ' +
  'install -t bookworm-backports libvulkan1 mesa-vulkan-drivers`, on newer systems the same from the usual archive (Mesa 23 ' +
  'or newer), then `cosmic doctor --tune`';
const TUNE_ADVICE =
  'run `cosmic doctor --tune` once: it measures how large a sweep must be for software Vulkan to end it first, and auto goes by that';
const NVIDIA_ADVICE =
  "the NVIDIA GPU has no Vulkan driver: install the driver's Vulkan part (Debian: nvidia-vulkan-icd; in containers " +
  'NVIDIA_DRIVER_CAPABILITIES=all), and libvulkan1';
const GPU_ADVICE =
  "if this machine has a GPU, install its Vulkan driver and libvulkan1 (AMD, Intel: mesa-vulkan-drivers; NVIDIA: the vendor's driver)";

function readDriver(file: string): VulkanDriver[] {
  try {
    const { ICD } = JSON.parse(readFileSync(file, 'utf8')) as { ICD?: { library_path?: string } };
    return [{ file, library: ICD?.library_path ?? '' }];
  } catch {
    // The loader skips what it cannot read, and so does the report.
    return [];
  }
}

function driverFiles(): string[] {
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  if (named !== undefined) return named.split(':');
  return DRIVER_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => join(folder, file)),
  );
}

async function probe(): Promise<Pick<DoctorReport, 'adapters' | 'webgpuError'>> {
  try {
    const adapters = await listAdapters();
    return { adapters: adapters.map((adapter) => ({ ...adapter, tuning: tuningOf(adapter) })), webgpuError: undefined };
  } catch (error) {
    if (!(error instanceof CosmicError)) throw error;
    return { adapters: [], webgpuError: `${error.message}; ${error.remedy}` };
  }
}

/** What to do on a machine with these adapters, of which rates are kept or not. */
export function adviceFor(adapters: readonly AdapterSummary[], hasNvidia: boolean, hasRates: boolean): string[] {
  if (adapters.some((adapter) => adapter.type === 'hardware')) return [];
  const gpu = hasNvidia ? NVIDIA_ADVICE : GPU_ADVICE;
  if (adapters.length === 0) return [gpu, SOFTWARE_ADVICE];
  return hasRates ? [gpu] : [gpu, TUNE_ADVICE];
}

/** Examines the machine. Never fails for what is missing: it says so. */
export async function examine(): Promise<DoctorReport> {
  const { adapters, webgpuError } = await probe();
  const rates = keptRates();
  return {
    node: process.version,
    os: `${type()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    vulkanDrivers: driverFiles().flatMap(readDriver),
    adapters,
    webgpuError,
    shaderCache: adapters.some(({ driver }) => /mesa/i.test(driver)) ? shaderCache() : undefined,
    auto: await chooseBackend(),
    rates,
    advice: adviceFor(adapters, existsSync('/dev/nvidiactl'), rates !== undefined),
  };
}
