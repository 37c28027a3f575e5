/** Times of steps in what frameworks print while they train. */
import { stripVTControlCharacters } from 'node:util';

/** A line about a step: what tells one step from another, where several ranks print it, and its time. */
interface Form {
  /** Whose, as errors name it. */
  readonly of: string;
  readonly pattern: RegExp;
  /** From the numbers of a match and the tokens of a step over the NPUs of the job to us. */
  readonly timeUs: (match: RegExpMatchArray, tokensPerNpu: number) => number;
  /** The step's number, where each rank prints it. */
  readonly step?: (match: RegExpMatchArray) => string;
}

const number = (text: string | undefined): number => Number((text ?? '').replaceAll(',', ''));

const FORMS: readonly Form[] = [
  {
    of: 'Megatron-LM', // megatron/training/training.py, training_log
    pattern: /elapsed time per iteration \(ms\):\s*([\d.]+)/g,
    timeUs: ([, ms]) => number(ms) * 1e3,
  },
  {
    of: 'torchtitan', // torchtitan/components/metrics.py: tokens a second of one device
    pattern: /(?:\bstep:\s*(\d+)\b.*?)?\btps:\s*([\d,.]+)/g,
    timeUs: ([, , tps], tokensPerNpu) => (tokensPerNpu / number(tps)) * 1e6,
    step: ([, step]) => step ?? '',
  },
  {
    of: 'NeMo', // its progress bar, and its lines of an iteration
    pattern: /train_step_timing in s["']?[=:]\s*([\d.]+)/g,
    timeUs: ([, s]) => number(s) * 1e6,
  },
  {
    of: 'Megatron-Bridge',
    pattern: /\bStep Time\s*:\s*([\d.]+)\s*s\b/g,
    timeUs: ([, s]) => number(s) * 1e6,
  },
  {
    of: 'DeepSpeed', // deepspeed/runtime/pipe/engine.py
    pattern: /\biter time \(s\):\s*([\d.]+)/g,
    timeUs: ([, s]) => number(s) * 1e6,
  },
];

/** Whose logs are read. */
export const LOGGED: readonly string[] = FORMS.map(({ of }) => of);

function timesOf({ pattern, timeUs, step }: Form, log: string, tokensPerNpu: number): number[] {
  const seen = new Set<string>();
  const times = [...log.matchAll(pattern)].flatMap((match) => {
    const name = step?.(match) ?? '';
    if (name !== '' && seen.has(name)) return [];
    seen.add(name);
    return [timeUs(match, tokensPerNpu)];
  });
  return times.filter((us) => us > 0 && Number.isFinite(us));
}

/**
 * The times of the steps of a log in their order, us: of the form that it has most lines of; none where it has none. Colours are no part of
 * it, and a step that each rank prints counts once.
 *
 * @param tokensPerNpu tokens of a step over the NPUs of the job
 * @example
 * stepTimes(readFileSync('train.log', 'utf8'), 16_384); // [4_205_000, 4_198_000, …]
 */
export function stepTimes(log: string, tokensPerNpu: number): number[] {
  const plain = stripVTControlCharacters(log);
  return FORMS.map((form) => timesOf(form, plain, tokensPerNpu)).reduce((most, one) =>
    one.length > most.length ? one : most,
  );
}
