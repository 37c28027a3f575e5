/** What the programs of nccl-tests print: which collective, over how many GPUs of how many nodes, and its times by size. */
import { CosmicError } from '../../psa/errors.js';
import { readText } from '../../psa/files.js';
import type { CollectiveName } from '../validate/kernels/collectiveTime.js';

/** A run of one of the programs. */
export interface NcclRun {
  readonly file: string;
  readonly collective: CollectiveName;
  readonly gpus: number;
  readonly nodes: number;
  readonly sizes: readonly NcclTime[];
}

export interface NcclTime {
  /** The whole buffer. */
  readonly bytes: number;
  /** Out of place. */
  readonly timeUs: number;
  readonly line: number;
}

/** By the names that programs and files have. */
const PROGRAMS: readonly (readonly [RegExp, CollectiveName])[] = [
  [/all_?reduce/i, 'allReduce'],
  [/all_?gather/i, 'allGather'],
  [/reduce_?scatter/i, 'reduceScatter'],
  [/all_?to_?all/i, 'allToAll'],
];

const MOST_BYTES = 2 ** 22;

function collectiveIn(text: string): CollectiveName | undefined {
  return PROGRAMS.find(([pattern]) => pattern.test(text))?.[1];
}

/** A line such as `#  Rank  0 Group  0 Pid  8421 on  node-1 device  0 [0x1b] NVIDIA H100 80GB HBM3`. */
const RANK = /^#\s+Rank\s+\d+\s.*\bon\s+(\S+)\s+device\s/;

interface Columns {
  readonly time: number;
  readonly width: number;
}

/** The heading of the table: `#  size  count  type  redop  root  time  algbw  busbw  #wrong  time …`, `time` out of place first. */
function columnsIn(line: string): Columns | undefined {
  const names = line.replace(/^#/, '').trim().split(/\s+/);
  const time = names.indexOf('time');
  return names[0] !== 'size' || time < 0 ? undefined : { time, width: names.length };
}

function fault(message: string, file: string, line: number, remedy: string): CosmicError {
  return new CosmicError('SCHEMA', message, { file, line, remedy });
}

function timesIn(lines: readonly string[], file: string): NcclTime[] {
  let columns: Columns | undefined;
  const times: NcclTime[] = [];
  lines.forEach((text, i) => {
    if (text.startsWith('#')) columns = columnsIn(text) ?? columns;
    else if (/^\s*\d+\s/.test(text) && columns !== undefined) {
      const cells = text.trim().split(/\s+/);
      const [bytes, timeUs] = [Number(cells[0]), Number(cells[columns.time])];
      // Of small sizes, gathers print rows of nothing.
      if (bytes === 0) return;
      if (cells.length !== columns.width || !(timeUs > 0)) {
        throw fault(
          `a row of nccl-tests is not understood: '${text.trim()}'`,
          file,
          i + 1,
          'give its output as printed',
        );
      }
      times.push({ bytes, timeUs, line: i + 1 });
    }
  });
  return times;
}

/**
 * Reads the output of a program of nccl-tests as it was printed, such as that of `all_reduce_perf -b 64K -e 8G -f 2 -g 8`.
 *
 * @param argument the path of the file, or `all_gather=PATH` where neither the text nor the name says which collective it is
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, SCHEMA with the line
 * @example
 * readNcclTests('all_reduce.txt').sizes[0]; // { bytes: 65536, timeUs: 24.1, line: 17 }
 */
export function readNcclTests(argument: string): NcclRun {
  const [, named, file] = /^(?:(\w+)=)?(.*)$/s.exec(argument)!;
  const text = readText(file!, 'give the path of the output of nccl-tests', MOST_BYTES);
  const lines = text.split(/\r?\n/);
  const hosts = lines.flatMap((line) => RANK.exec(line)?.[1] ?? []);
  const said = lines.find((line) => /_perf\b|Collective test starting/.test(line)) ?? '';
  const collective = collectiveIn(named ?? '') ?? collectiveIn(said) ?? collectiveIn(file!);
  if (collective === undefined) {
    throw fault('nothing says which collective this is', file!, 1, `name it: --collectives all_reduce=${file}`);
  }
  if (hosts.length < 2) {
    throw fault('it lists no ranks, or one alone', file!, 1, 'keep the lines "#  Rank  0 … on HOST device …"');
  }
  const sizes = timesIn(lines, file!);
  if (sizes.length === 0) {
    throw fault('there is no table of sizes and times', file!, 1, 'give the output of nccl-tests as printed');
  }
  return { file: file!, collective, gpus: hosts.length, nodes: new Set(hosts).size, sizes };
}
