/** The vocabulary in Megatron-LM's arguments: its size, or a tokenizer that has one. */
import type { Given } from '../given.js';
import { modelRow, type Row, written } from '../row.js';
import { TENSOR } from './parallelRows.js';

/** Vocabularies of tokenizers that arguments name; GPT-2's is that of GPT2BPETokenizer. */
const VOCABULARIES: readonly (readonly [RegExp, number])[] = [
  [/GPT2BPE|gpt-?2/i, 50_257],
  [/llama-?_?3/i, 128_256],
  [/llama-?_?4/i, 202_048],
  [/llama-?_?2|Llama2Tokenizer|mixtral|mistral/i, 32_000],
  [/deepseek/i, 129_280],
  [/qwen/i, 151_936],
  [/gpt-oss/i, 201_088],
];

/** Words of tokenizers without those that are added to them: of tiktoken's files of Qwen and of Llama 3. */
const RANKS: readonly (readonly [RegExp, number])[] = [
  [/qwen/i, 151_643],
  [/llama-?_?3/i, 128_000],
];

/** Of a tokenizer that nobody knows: that of Llama 3. */
const ASSUMED_VOCABULARY = 128_256;

function vocabularySize(given: Given): number {
  const padded = given.count('--padded-vocab-size');
  if (padded !== undefined) return padded;
  // pretrain_gpt.py's own, where a file has its words.
  const byFiles = ['--vocab-file', '--merge-file'].some((name) => given.has(name));
  const type = given.text('--tokenizer-type') ?? (byFiles ? 'GPT2BPETokenizer' : '');
  const size = given.count('--vocab-size');
  // A tokenizer that knows no words but how many there are adds one, the end of a document.
  if (size !== undefined) return type === 'NullTokenizer' ? size + 1 : size;
  // Pai-Megatron-Patch: words beyond those that the tokenizer's ranks have.
  const extra = given.whole('--extra-vocab-size');
  const patched = given.text('--patch-tokenizer-type') ?? '';
  const ranks = RANKS.find(([pattern]) => pattern.test(patched))?.[1];
  if (extra !== undefined && ranks !== undefined) return ranks + extra;
  const named = `${type} ${patched} ${given.file.settings.get('--tokenizer-model')?.values[0]?.text ?? ''}`;
  const known = VOCABULARIES.find(([pattern]) => pattern.test(named))?.[1];
  if (known === undefined) given.note(`a vocabulary of ${ASSUMED_VOCABULARY} is assumed: --vocab-size would say it`);
  return known ?? ASSUMED_VOCABULARY;
}

/** The vocabulary as it was simulated, whole on each rank. */
export const VOCABULARY_ROW: Row = modelRow(
  [
    ...[
      '--tokenizer-type',
      '--vocab-size',
      '--padded-vocab-size',
      '--make-vocab-size-divisible-by',
      '--tokenizer-model',
    ],
    ...['--patch-tokenizer-type', '--extra-vocab-size'],
  ],
  ['model.vocab'],
  (given) => {
    const multiple = given.count('--make-vocab-size-divisible-by', 128) * given.count(TENSOR, 1);
    return { 'model.vocab': Math.ceil(vocabularySize(given) / multiple) * multiple };
  },
  ({ vocab }) => [
    written('--tokenizer-type', 'NullTokenizer'),
    written('--vocab-size', vocab - 1),
    written('--make-vocab-size-divisible-by', 1),
  ],
);
