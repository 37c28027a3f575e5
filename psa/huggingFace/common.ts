/** What families of models have in common in their configurations. */
import type { GivenFields } from '../modelFields.js';
import type { Config } from './config.js';

/** Activations by name, with a gate and without; whichever, the work is the same. */
const ACTIVATIONS = [
  [/relu2|relu_squared|squared/, 'reglu', 'relu2'],
  [/relu/, 'reglu', 'relu'],
  [/silu|swish|swiglu|xielu/, 'swiglu', 'silu'],
  [/gelu|gegelu/, 'geglu', 'gelu'],
] as const;

export type MlpName = NonNullable<GivenFields['mlp']>;

/** The MLP of an activation. */
export function mlpOf(c: Config, gated: boolean): MlpName {
  const names = ['mlp_hidden_act', 'hidden_act', 'hidden_activation', 'activation_function', 'activation'];
  const name = c.text(...names) ?? 'gelu';
  const row = ACTIVATIONS.find(([pattern]) => pattern.test(name));
  if (row !== undefined) return gated ? row[1] : row[2];
  throw c.error(
    names.find((field) => c.text(field) !== undefined) ?? names[0]!,
    `the activation ${name} is not known`,
    'name one of relu, relu2, silu and gelu: all cost the same but for a gate',
  );
}

/** Sizes that every transformer has, by the names that they have anywhere. */
export function sizes(
  c: Config,
): GivenFields & { readonly hidden: number; readonly heads: number; readonly layers: number } {
  return {
    layers: c.count('num_hidden_layers', 'n_layer', 'n_layers', 'num_layers'),
    hidden: c.count('hidden_size', 'n_embd', 'd_model', 'n_embed'),
    heads: c.count('num_attention_heads', 'n_head', 'n_heads', 'num_heads'),
    vocab: c.count('vocab_size', 'padded_vocab_size'),
    tiedEmbeddings: c.flag('tie_word_embeddings'),
    dropout: c.drops(
      'attn_pdrop',
      'resid_pdrop',
      'embd_pdrop',
      'attention_dropout',
      'hidden_dropout',
      'hidden_dropout_prob',
      'attention_probs_dropout_prob',
      'dropout',
    ),
  };
}

/** Heads of keys and values, and their size where the file says it. */
export function heads(c: Config): GivenFields {
  const headDim = c.optional('head_dim', 'kv_channels');
  return {
    kvHeads: c.optional('num_key_value_heads', 'num_kv_heads', 'n_head_kv', 'multi_query_group_num'),
    ...(headDim === undefined ? {} : { headDim }),
  };
}

/** Width of the MLP; four times the residual stream's where a family's files leave it out. */
export function ffn(c: Config, hidden: number): number {
  return c.optional('intermediate_size', 'n_inner', 'ffn_dim', 'ffn_hidden_size') ?? 4 * hidden;
}

/** Is each so many-th of a list of layers another one than the rest? The period, or undefined where it is irregular. */
function period(others: readonly boolean[]): number | undefined {
  const first = others.indexOf(true) + 1;
  if (first === 0) return 0;
  return others.every((other, i) => other === ((i + 1) % first === 0)) ? first : undefined;
}

/** The period of the layers of a list that another kind takes; where it has none, an error that names the field. */
export function periodOf(c: Config, field: string, others: readonly boolean[]): number {
  const found = period(others);
  if (found !== undefined) return found;
  throw c.error(
    field,
    `the layers of ${field} follow no period`,
    'models have each n-th layer of another kind here: give a model file with globalEvery or mixtureEvery near to it',
  );
}

/** Local layers: a window, and the layers between them that look at everything. */
export function windows(c: Config, defaultPeriod: number, windowFields = ['sliding_window']): GivenFields {
  const window = c.optional(...windowFields) ?? 0;
  const types = c.list('layer_types');
  const every = c.optional('sliding_window_pattern', '_sliding_window_pattern') ?? defaultPeriod;
  if (window === 0) return {};
  if (types === undefined) return { window, globalEvery: every };
  const globals = types.map((type) => type === 'full_attention');
  if (globals.every(Boolean)) return {};
  return { window, globalEvery: periodOf(c, 'layer_types', globals) };
}

/** A mixture: how many experts, how many of them a token takes, which layers have them. */
export function mixture(c: Config, expertFfn: number, denseFfn: number): GivenFields {
  const experts = c.count('num_local_experts', 'n_routed_experts', 'num_experts', 'moe_num_experts');
  const alone = c.list('mlp_only_layers') ?? [];
  if (alone.some((layer, i) => layer !== i)) {
    throw c.error(
      'mlp_only_layers',
      'mlp_only_layers are not the first layers',
      'dense layers lead, or come in a period (decoder_sparse_step): write a model file near to it',
    );
  }
  const leading = Math.max(c.optional('first_k_dense_replace') ?? 0, alone.length);
  return {
    ffn: expertFfn,
    experts,
    expertsPerToken: c.count(
      'num_experts_per_tok',
      'num_experts_per_token',
      'experts_per_token',
      'num_selected_experts',
      'moe_top_k',
    ),
    leadingDense: leading,
    mixtureEvery: c.optional('decoder_sparse_step', 'moe_layer_freq', 'interleave_moe_layer_step') || 1,
    denseFfn,
  };
}

/** A transformer's layers one by one, what mixes tokens and the MLP behind it: where some have a state in place of attention. */
export function pairedLayers(fields: GivenFields, attends: readonly boolean[]): GivenFields {
  if (attends.every(Boolean)) return fields;
  const { experts = 1, leadingDense = 0, mixtureEvery = 1 } = fields;
  const isMixture = (layer: number): boolean => experts > 1 && layer > leadingDense && layer % mixtureEvery === 0;
  return {
    ...fields,
    leadingDense: 0,
    mixtureEvery: 1,
    layerPattern: attends.map((looks, i) => `(${looks ? '*' : 'M'}${isMixture(i + 1) ? 'E' : '-'})`).join(''),
  };
}
