import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CosmicError } from '../../psa/errors.js';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { validateMeasured } from './measured/measured.js';

const folder = temporaryFolder('csv');

const HEADING =
  'id,source,gpu,gpus,hidden,ffn,layers,heads,seq,vocab,tp,pp,dp,cp,global_batch,micro_batch,virtual_stages,recompute,' +
  'sequence_parallel,weight_sharding,precision,iteration_s';
const ROW = 'r1,"me, myself",a100-80g,16,4096,16384,36,32,2048,51200,4,2,2,1,64,1,1,full,0,none,fp16,3.5';

function fileOf(...lines: string[]): string {
  const file = join(folder, 'runs.csv');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

function validate(...lines: string[]) {
  return validateMeasured({ file: fileOf(...lines) });
}

function failure(...lines: string[]): CosmicError {
  try {
    validate(...lines);
  } catch (error) {
    if (error instanceof CosmicError) return error;
    throw error;
  }
  throw new Error('no error');
}

describe('a file of runs', () => {
  it('may quote cells', () => {
    expect(validate(HEADING, ROW).groups[0]!.group).toBe('me, myself');
  });

  it.each([
    ['semicolons', ';'],
    ['tabs', '\t'],
  ])('may part cells by %s, as spreadsheets write them, behind a mark of byte order and with CRLF', (_, delimiter) => {
    const parted = (line: string) => `${line.replace('"me, myself"', 'them').replaceAll(',', delimiter)}\r`;
    expect(validate(`\uFEFF${parted(HEADING)}`, parted(ROW)).groups[0]!.group).toBe('them');
    const error = failure(parted(HEADING), `${parted(ROW).trimEnd()}${delimiter}7`);
    expect(error.remedy).toContain(delimiter === ';' ? 'semicolons' : 'tabs');
  });

  it.each([
    ['a cell that is no number', ROW.replace('4096', 'many'), 'hidden'],
    ['degrees that do not fill the GPUs', ROW.replace(',4,2,2,', ',4,2,1,'), 'r1'],
    ['a missing column', 'x', 'CSV'],
  ])('with %s is refused, with its line', (_, row, message) => {
    const error = failure(HEADING, ROW, row);
    expect(error.message).toContain(message);
    expect(error.line).toBe(3);
    expect(error.remedy).not.toBe('');
  });

  it.each([
    ['a missing cell', ROW.replace(',16384,', ',,'), 'not given: ffn'],
    ['an unknown GPU', ROW.replace('a100-80g', 'tpu'), 'tpu'],
    ['GPUs that do not fill nodes', ROW.replace('80g,16,', '80g,12,').replace(',4,2,2,', ',4,3,1,'), '12 GPUs'],
    ['a run that cannot take place', ROW.replace(',64,1,1,', ',63,1,1,'), 'not a multiple of'],
  ])('counts a row with %s, with its reason', (_, row, reason) => {
    const { cases, inexpressible } = validate(HEADING, ROW, row);
    expect(cases).toBe(1);
    expect(inexpressible).toMatchObject({ rows: 1, reasons: [{ reason: expect.stringContaining(reason), rows: 1 }] });
  });

  it.each([
    ['a missing cell', ROW.replace(',16384,', ',,'), 'not given: ffn'],
    ['an unknown GPU', ROW.replace('a100-80g', 'tpu'), 'tpu'],
  ])("of nothing but rows with %s is refused, with the first one's line", (_, row, message) => {
    const error = failure(HEADING, row, row);
    expect(error.message).toContain(message);
    expect(error.line).toBe(2);
    expect(error.remedy).not.toBe('');
  });

  it('with a column of another name is refused, naming what is meant', () => {
    const error = failure(HEADING.replace(',hidden,', ',hiden,'), ROW);
    expect(error.message).toBe("there is no column 'hiden'");
    expect(error.line).toBe(1);
    expect(error.remedy).toContain('hidden');
  });

  it('with an unknown column is refused even where all of its cells are empty', () => {
    expect(failure(`${HEADING},hiden`, `${ROW},`).message).toBe("there is no column 'hiden'");
  });

  it.each([
    ['step_time_s', 'the time of a step, in seconds, is iteration_s'],
    ['seq_len', 'did you mean seq?'],
    ['batch', 'global_batch or micro_batch'],
    ['colour', 'the columns are id, source, gpus'],
  ])('with a column %s says which there are', (column, remedy) => {
    expect(failure(`${HEADING},${column}`, `${ROW},1`).remedy).toContain(remedy);
  });

  it('without columns that all rows need names them all, at the heading', () => {
    const error = failure('gpus,seq,iteration_s', '8,4096,2');
    expect(error.message).toBe('columns are missing: id, source, tp, pp, dp, global_batch, gpu');
    expect(error.line).toBe(1);
  });

  it('may have fewer heads of keys and values, which is no slower', () => {
    const seconds = (report: ReturnType<typeof validate>) => report.failures[0]!.got as number;
    const grouped = seconds(validate(`${HEADING},kv_heads`, `${ROW},8`));
    expect(grouped).toBeLessThan(seconds(validate(HEADING, ROW)));
  });

  it.each(['model.kvHeads=8', 'workload.microBatch=2', ' workload.tp = 1'])('refuses the lost override %s', (lost) => {
    expect(() => validateMeasured({ file: fileOf(HEADING, ROW), set: [lost] })).toThrow(
      expect.objectContaining({ code: 'ARGUMENT', message: expect.stringContaining('each row decides') }),
    );
  });

  it('takes any machine as a system of its own', () => {
    const file = fileOf(HEADING, ROW.replace('a100-80g', 'tpu'));
    const { assumptions, failures } = validateMeasured({ file, system: 'dgx-h100' });
    expect(Object.values(assumptions)).toEqual([['all as in dgx-h100']]);
    const a100 = validate(HEADING, ROW).failures[0]!.got as number;
    expect(failures[0]!.got).toBeLessThan(a100);
  });

  it('assumes the sharded state of the program only where a row names none', () => {
    const secondsOf = (sharding: string) => {
      const row = ROW.replace('a100-80g', 'h100-80g').replace(',none,fp16', `,${sharding},fp16`);
      const file = fileOf(HEADING, row);
      return validateMeasured({ file, software: 'megatron-core' }).failures[0]!.got as number;
    };
    const [unsaid, zero1, zero3] = ['', 'zero1', 'zero3'].map(secondsOf);
    expect(unsaid).toBe(zero1);
    expect(zero3).toBeGreaterThan(zero1!);
  });

  it('without rows is refused', () => {
    expect(failure(HEADING).code).toBe('SCHEMA');
  });

  it('that is not there is refused', () => {
    expect(() => validateMeasured({ file: join(folder, 'none.csv') })).toThrow(CosmicError);
  });
});
