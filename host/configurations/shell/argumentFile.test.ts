// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are shell scripts
/** What a shell makes of a script: each expectation is what bash 5 passes to the command. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readArguments } from './argumentFile.js';

const read = (text: string, variables: Readonly<Record<string, string>> = {}) =>
  readArguments(text, 'run.sh', (name) => name.startsWith('--'), new Map(Object.entries(variables)));

const values = (text: string, variables?: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    [...read(text, variables).settings].map(([name, setting]) => [name, setting.values.map((value) => value.text)]),
  );

/** What bash itself passes to a program, an argument a line. */
function bash(text: string): string[] {
  const script = `train() { printf '%s\\n' "$@"; }\n${text}`;
  return execFileSync('bash', ['--norc', '--noprofile', '-c', script], { encoding: 'utf8', env: {} })
    .trimEnd()
    .split('\n');
}

/** Arguments as the reader has them, in their order. */
const flat = (text: string) => {
  const { settings } = read(text);
  return [...settings.values()].flatMap(({ name, values: own }) => [name, ...own.map((value) => value.text)]);
};

describe('arguments of a script', () => {
  it.each([
    ['plain variables', 'TP=8\ntrain --tp $TP --pp ${TP}'],
    ['defaults', 'B=2\ntrain --a ${A:-4} --b ${B:-4} --c ${C-5} --d ${B:+7}'],
    ['arithmetic', 'N=16\nG=8\ntrain --world $((N * G)) --dp $(( (N*G) / (4*2) )) --odd $((N % 3 + (N > 4 ? 1 : 0)))'],
    ['arrays', 'A=(--a 1\n  --b "2 3" # what it is\n)\nA+=(--c 4)\ntrain "${A[@]}" --d 5'],
    ['words of one variable', 'ARGS="\n  --a 1 \\\n  --b 2\n"\ntrain $ARGS --c'],
    ['nested variables', 'X=\'--a 1\'\nY="$X --b 2"\ntrain $Y'],
    ['elements of two words, unquoted', 'A=()\nA+=("--a 1" "--b 2")\nB=("${A[@]}")\ntrain ${B[@]} --c'],
    ['exports and continued lines', 'export A=3\ntrain \\\n  --a $A \\\n  --b'],
    [
      'conditions',
      'M=70B\nif [ "$M" = 8B ]; then L=32; elif [[ $M == 70* ]]; then L=80; else L=1; fi\ntrain --layers $L',
    ],
    ['cases', 'M=b\ncase $M in a) L=1;; b|c) L=2;; *) L=3;; esac\ntrain --layers $L'],
    ['chains', 'A=1\n[ -z "$B" ] && B=2\n[ -n "$A" ] || A=9\ntrain --a $A --b $B'],
    ['functions', 'go() { train --a "$1" --b "$2"; }\ngo 4 5'],
    ['counting conditions', 'FP8=1\nARGS=()\nif (( FP8 )); then ARGS+=(--fp8); fi\ntrain --a 1 "${ARGS[@]}"'],
  ])('%s are what bash makes of them', (_, text) => {
    expect(flat(text)).toEqual(bash(text));
  });

  it('arithmetic of random numbers is that of bash', () => {
    const number = fc.integer({ min: 1, max: 999 });
    const operator = fc.constantFrom('+', '-', '*', '/', '%', '<', '>=', '==');
    const samples = fc.sample(fc.tuple(number, operator, number, operator, number), { numRuns: 60, seed: 1 });
    const lines = samples.map(([a, f, b, g, c], i) => `A=${a}\ntrain --x${i} $((A ${f} (${b} ${g} ${c} + 1)))`);
    const own = lines.map((line) => {
      const [value] = [...read(line).settings.values()][0]!.values;
      return value!.unknown === undefined ? value!.text : 'none';
    });
    const theirs = samples.map(([a, f, b, g, c]) => {
      const run = `A=${a}; (echo $((A ${f} (${b} ${g} ${c} + 1)))) 2>/dev/null || echo none`;
      return run;
    });
    expect(own).toEqual(
      execFileSync('bash', ['--norc', '--noprofile', '-c', theirs.join('\n')], { encoding: 'utf8' })
        .trimEnd()
        .split('\n'),
    );
  });

  it('takes what the environment says, and leaves open what nothing says', () => {
    expect(values('train --a $A --b ${B:-1}', { A: '3', B: '4' })).toEqual({ '--a': ['3'], '--b': ['4'] });
    const [a] = read('train --a $A').settings.get('--a')!.values;
    expect(a).toMatchObject({ text: '', unknown: 'A' });
    const [b] = read('train --a $(nproc)').settings.get('--a')!.values;
    expect(b).toMatchObject({ unknown: '$(nproc)' });
  });

  it('puts in what let and (( )) compute, and what Slurm sets by its directives', () => {
    const text =
      '#SBATCH -N 4 --gres=gpu:8\nlet "gb = 2 * 8"\n(( gb += SLURM_NNODES ))\n(( gb > 19 )) && X=1\ntrain --a $gb --b $X --c $((SLURM_JOB_NUM_NODES * SLURM_GPUS_ON_NODE))';
    expect(values(text)).toEqual({ '--a': ['20'], '--b': ['1'], '--c': ['32'] });
  });

  it('puts together what all rounds of a loop add, and reads the first of one that runs jobs', () => {
    const all = 'A="--a 1"\nfor flag in "--b 2" --c; do A="$A $flag"; done\ntrain $A';
    expect(values(all)).toEqual({ '--a': ['1'], '--b': ['2'], '--c': [] });
    expect(read(all).notes).toEqual([]);
    const several = read('for n in 1 2 4; do train --a $n; done');
    expect(several.settings.get('--a')!.values[0]!.text).toBe('1');
    expect(several.notes).toEqual(['line 1: of the loop over n the first round is read']);
  });

  it('refuses a variable of the environment that it sets itself, and takes one that it looks at', () => {
    const readWith = (text: string) => readArguments(text, 'run.sh', (name) => name === '--a', new Map([['N', '8']]));
    expect(() => readWith('M=1\nN=${SLURM_NNODES:-4}\ntrain --a $N')).toThrow(
      expect.objectContaining({
        code: 'ARGUMENT',
        message: '--variable N=8 has no effect: the script sets N itself',
        file: 'run.sh',
        line: 2,
        remedy: expect.stringContaining('SLURM_NNODES'),
      }),
    );
    for (const text of ['N=${N:-4}', '[ -z "$N" ] && N=4', 'N=$((N * 2))', ': ${N:=4}', 'M=4']) {
      expect(() => readWith(`${text}\ntrain --a 1`)).not.toThrow();
    }
  });

  it('names the script that it only writes', () => {
    expect(() => read("cat > job.sh <<'EOF'\nN=4\nsrun train --alpha $N\nEOF\nsbatch job.sh\n")).toThrow(
      expect.objectContaining({ message: 'the job stands in job.sh, which the script writes' }),
    );
  });

  it('reads commands in quotes, and files of arguments', () => {
    expect(values('C="train --a 1 --b 2"\nsrun -N 4 bash -c "$C"')).toMatchObject({ '--a': ['1'], '--b': ['2'] });
    expect(values('# sizes\n--a 1\n--b=2\n--c\n')).toEqual({ '--a': ['1'], '--b': ['2'], '--c': [] });
  });

  it.each([
    ['torchrun --nproc_per_node 8 --nnodes 4 t.py --a 1', 32],
    ['torchrun --nproc-per-node=8 t.py --a 1', 8],
    ['#SBATCH --nodes=16\n#SBATCH --gres=gpu:h100:8\nsrun t.py --a 1', 128],
    ['#SBATCH --nodes=16\n#SBATCH --ntasks-per-node=1\n#SBATCH --gpus-per-node=8\nsrun t.py --a 1', 128],
    [
      '#SBATCH --nodes=16\n#SBATCH --ntasks-per-node=1\nsrun bash -c "torchrun --nproc_per_node=8 --nnodes=\\$SLURM_NNODES t.py --a 1"',
      128,
    ],
    ['#SBATCH --job-name=x-1 -N4 --exclusive --gpus-per-node=h100:8 # -N 9\nsrun t.py --a 1', 32],
    ['NNODES=2\nGPUS_PER_NODE=4\npython t.py --a 1', 8],
    ['WORLD_SIZE=$((8*3))\npython t.py --a 1', 24],
    ['python t.py --a 1', undefined],
  ])('the job of %s has %s NPUs', (text, npus) => {
    expect(read(text).npus).toBe(npus);
  });

  it('refuses what is no script, with the line', () => {
    expect(() => read('train --a 1\nif [ 1\n')).toThrow(
      expect.objectContaining({ code: 'SCHEMA', line: expect.any(Number) }),
    );
  });
});

describe('changes', () => {
  const edited = (text: string, ...changes: [string, string[] | undefined][]) =>
    read(text).edited(changes.map(([name, own]) => ({ name, values: own })));

  it('change the letters of the value alone, in its variable or its default', () => {
    expect(edited('train --a 1 --b 2\n', ['--a', ['10']])).toBe('train --a 10 --b 2\n');
    expect(edited('A=1 # here\ntrain --a "$A"\n', ['--a', ['2']])).toBe('A=2 # here\ntrain --a "$A"\n');
    expect(edited('train --a ${A:-1}\n', ['--a', ['2']])).toBe('train --a ${A:-2}\n');
    expect(edited('train --a $((2*3)) --b\n', ['--a', ['4']])).toBe('train --a 4 --b\n');
  });

  it('leave a variable that another setting has too', () => {
    expect(edited('A=1\ntrain --a $A --b $A\n', ['--a', ['2']])).toBe('A=1\ntrain --a 2 --b $A\n');
  });

  it('take flags out and put them in', () => {
    expect(edited('train \\\n  --a 1 \\\n  --b \\\n  --c 3\n', ['--b', undefined])).toBe(
      'train \\\n  --a 1 \\\n  --c 3\n',
    );
    expect(edited('A=(\n  --a 1\n  --b\n)\ntrain "${A[@]}"\n', ['--b', undefined])).toBe(
      'A=(\n  --a 1\n)\ntrain "${A[@]}"\n',
    );
    const added = edited('train \\\n  --a 1 \\\n  --b 2\n', ['--d', ['4']]);
    expect(added).toBe('train \\\n  --d 4 \\\n  --a 1 \\\n  --b 2\n');
    const last = edited('train \\\n  --a 1 \\\n  --b\necho done\n', ['--b', undefined]);
    expect(values(last)).toEqual({ '--a': ['1'] });
  });
});
