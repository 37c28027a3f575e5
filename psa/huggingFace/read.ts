/** A Hugging Face config.json as a model of ours. */
import { basename, dirname, extname } from 'node:path';
import type { SourceDocument } from '../document.js';
import { CosmicError, excerpt } from '../errors.js';
import type { GivenFields } from '../modelFields.js';
import { Config, type FieldRead, isRecord } from './config.js';
import { ALIASES, FAMILIES, REFUSED } from './families.js';

/** What was read of a configuration. */
export interface ConfigReading {
  /** `model_type` of transformers. */
  readonly family: string;
  readonly read: readonly FieldRead[];
  /** Fields that change neither times nor memory. */
  readonly withoutEffect: readonly string[];
  readonly notes: readonly string[];
}

/** Tokens of a sequence and sequences of a step, which no configuration says. */
const MOST_TOKENS = 4096;
const BATCH = 2048;

/** Fields whose names sound like sizes, but that change no size of a model. */
const HARMLESS =
  /moe_capacity|moe_gate$|routing_bias|org_vocab|aux_free|eps|epsilon|init|use_embedding_sharing|use_gated|layer_switch|interleaved_layers|lm_head_bias|full_attn_mod|mlp_type|softmax|max_attn_value|embedding_fraction|layerdrop|scale|scaling|theta|base|rotary|rope|token|dtype|cache|coef|alpha|loss|jitter|softcap|logit|beam|length|penalty|norm_type|norm_topk|topk_method|scoring|group|ep_size|pretraining_tp|version|_name|architectures|auto_map|problem|label|chunk_size_feed_forward|no_repeat|diversity|attn_implementation|multiplier|query_pre_attn|dropout|pdrop|torchscript|prune|finetuning|task|summary|position|window_layers|model_type|is_decoder|cross_attention|classifier|interpolate|upcast|reorder|use_(flash|mem|dynamic|logn|bidirectional)|seq_aux|temperature|floor_scale|attn_scale|shared_expert_gate|mlp_residual|output_|num_return|top_[kp]$|clip|swiglu_limit|initial_context|kernel|tpu|layer_norm|layernorm|norm|alibi|use_parallel|rmsnorm|causal_mask|fp32|query_key_layer|layer_scaling|hidden_states|bias_dropout|encoder_stride|pooler|mask|n_ctx|verbose|embd_|slow_but_exact|offset_alibi|unk_|seq_length$|max_seq_len|hidden_act|torch|quant|qk_head_dim|num_groups|use_return|return_|router|masked|gradient|resid|emb_|name|mrope|vision|audio|image|video|multi_modal|mm_|projector|bos|eos|pad|id2|label2|prefix|language|license|skip|tie_encoder|pretrain|training|use_qk_norm|attention_type|model_max|original/i;

/** Names that say something of a model's size or work. */
const STRUCTURAL =
  /layer|head|hidden|size|dim|width|rank|lora|expert|moe|ffn|mlp|inter|window|attn|attention|vocab|bias|embed|block|depth|num_|^n_|kv|share|sparse|ssm|conv|state|loop|recur|altup|laurel|indexer|hc_|engram/i;

/** Is this a configuration of transformers rather than a model file of ours? */
export function isConfig(data: unknown): boolean {
  return isRecord(data) && ('model_type' in data || 'architectures' in data || 'transformers_version' in data);
}

const CHOOSE_ANOTHER =
  'the table of operations has no rows for that: choose a decoder with attention in every layer, a hybrid as Nemotron-H or Qwen3-Next, or an image model';

/** With a remedy the models can be simulated all the same, but their configurations are not read. */
function refused(source: SourceDocument, type: string, field: string, missing: string, remedy?: string): CosmicError {
  const what = remedy === undefined ? 'models cannot be simulated' : 'configurations are not read';
  return new CosmicError('SCHEMA', `${type} ${what}: ${missing}`, {
    ...source.keyPlace([], field),
    remedy: remedy ?? CHOOSE_ANOTHER,
  });
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

type Data = Readonly<Record<string, unknown>>;

/** What a configuration calls itself: its `model_type`, else its first architecture. */
function typeOf(data: Data): { readonly field: string; readonly type: string } {
  if (typeof data.model_type === 'string' && data.model_type !== '') {
    return { field: 'model_type', type: data.model_type };
  }
  const architecture = Array.isArray(data.architectures) ? String(data.architectures[0]) : '';
  return { field: 'architectures', type: architecture.replace(/(For[A-Z]\w+|LMHeadModel|Model)$/, '') };
}

function knownFamily(type: string): string | undefined {
  return (
    ALIASES[type] ?? [...Object.keys(FAMILIES), ...Object.keys(ALIASES)].find((name) => plain(name) === plain(type))
  );
}

/** Families that a remedy names: most of the others are built like one of them. */
const MODELS_OF_OTHERS = 'llama, qwen3, mixtral, qwen3_moe, deepseek_v3';

/** The family of a configuration: that of the text model within it, which towers stand beside, else its own. */
function familyOf(source: SourceDocument, data: Data, [within]: readonly string[]): string {
  const { field, type } = typeOf(data);
  const inner = within === undefined ? '' : typeOf(data[within] as Data).type;
  const known = knownFamily(inner) ?? (inner.startsWith(type) || inner === '' ? knownFamily(type) : undefined);
  const missing = [type, inner]
    .filter((name) => knownFamily(name) === undefined)
    .map((name) => REFUSED.find(([pattern]) => pattern.test(name)))
    .find((row) => row !== undefined);
  if (data.is_encoder_decoder === true) {
    throw refused(source, excerpt(type), 'is_encoder_decoder', 'an encoder, and a decoder whose attention looks at it');
  }
  if (missing !== undefined) throw refused(source, excerpt(type), field, missing[1], missing[2]);
  if (known !== undefined) return ALIASES[known] ?? known;
  throw new CosmicError('SCHEMA', `the family '${excerpt(inner || type)}' is not known`, {
    ...(inner === '' ? source.keyPlace([], field) : source.keyPlace([within!], 'model_type')),
    remedy: `set model_type to the family that it is built like (${MODELS_OF_OTHERS}, …), or write a model file of its sizes (docs/psa.md)`,
  });
}

/** `Llama-3.1-8B`: what the file or its folder is called after. */
function nameOf(source: SourceDocument, data: Data, family: string): string {
  const path = typeof data._name_or_path === 'string' ? basename(data._name_or_path) : '';
  const file = basename(source.file, extname(source.file));
  const folder = basename(dirname(source.file));
  const name =
    file !== 'config' ? file : path !== '' && path !== '.' ? path : folder !== '.' && folder !== '' ? folder : family;
  return name.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').slice(0, 200) || family;
}

/** Does a field say that there is something? */
function says(value: unknown): boolean {
  return value !== false && value !== 0 && value !== '' && !(Array.isArray(value) && value.length === 0);
}

/** Fields that nothing read: without effect, or an error where one sounds like a size. */
function checkUnread(config: Config, unread: readonly string[], family: string): void {
  const matters = unread.find(
    (field) => STRUCTURAL.test(field) && !HARMLESS.test(field) && says(config.unreadValue(field)),
  );
  if (matters === undefined) return;
  throw config.error(
    matters,
    `${excerpt(matters)} is ${excerpt(JSON.stringify(config.unreadValue(matters)), 60)}, and what it means for a ${family} model is not known`,
    'remove it if it changes no size of the model; else write a model file of its sizes (docs/psa.md)',
  );
}

/** The part of a file that describes the text model. */
function textPart(data: Data): readonly string[] {
  const nested = ['text_config', 'llm_config', 'language_config'].find((name) => isRecord(data[name]));
  return nested === undefined ? [] : [nested];
}

function notesOf(data: Data, fields: GivenFields, nested: boolean): string[] {
  return [
    `the file says no training: ${fields.seq} tokens a sequence and ${fields.batch} sequences a step (model.seq, workload.batch)`,
    ...(nested ? ['the language model alone: towers of images and sound are left out'] : []),
    ...('quantization_config' in data ? ['quantised weights are priced in 16 bits'] : []),
    ...('attention_chunk_size' in data ? ['chunks of attention are priced as windows of their length'] : []),
  ];
}

/**
 * Reads a configuration.
 *
 * @throws CosmicError SCHEMA, VALUE_OUT_OF_RANGE, at the field
 * @example
 * readConfig(readSource('config.json')).fields.kvHeads; // 8
 */
export function readConfig(source: SourceDocument): { name: string; fields: GivenFields; reading: ConfigReading } {
  const data = source.data as Data;
  const path = textPart(data);
  const family = familyOf(source, data, path);
  const { defaults = {}, read } = FAMILIES[family]!;
  const inner = path.length === 0 ? data : { ...pick(data, 'tie_word_embeddings'), ...(data[path[0]!] as object) };
  const config = new Config(source, inner, path, defaults);
  const model = read(config);
  const seq =
    model.seq ??
    Math.min(
      config.optional('max_position_embeddings', 'n_positions', 'seq_length', 'max_seq_len', 'max_sequence_length') ??
        MOST_TOKENS,
      MOST_TOKENS,
    );
  const fields: GivenFields = { ...model, seq, batch: BATCH };
  const { unread } = config;
  checkUnread(config, unread, family);
  const outer = path.length === 0 ? [] : Object.keys(data).filter((field) => field !== path[0]);
  const notes = notesOf({ ...data, ...inner }, fields, path.length > 0);
  return {
    name: nameOf(source, data, family),
    fields,
    reading: { family, read: config.read, withoutEffect: [...unread, ...outer], notes },
  };
}

function pick(data: Data, name: string): Data {
  return name in data ? { [name]: data[name] } : {};
}
