import { type WeightMap, type WeightTensor, weightToFloat32 } from '@vesalius/engine';

/** From the names of torchvision and of Hugging Face (ViT, DeiT, DINOv2), step by step, to those of timm and DINOv2. */
const STEPS: readonly (readonly [RegExp, string])[] = [
  [/^(?:(?:vit|deit|dinov2|backbone|model|module|teacher|student|encoder_q)\.)+(?=\w)/, ''],
  [/^(?:embeddings\.cls_token|class_token)$/, 'cls_token'],
  [/^(?:embeddings\.position_embeddings|encoder\.pos_embedding)$/, 'pos_embed'],
  [/^(?:embeddings\.patch_embeddings\.projection|conv_proj)\./, 'patch_embed.proj.'],
  [/^encoder\.layers?\.(?:encoder_layer_)?(\d+)\./, 'blocks.$1.'],
  [/\.(?:layernorm_before|ln_1)\./, '.norm1.'],
  [/\.(?:layernorm_after|ln_2)\./, '.norm2.'],
  [/\.attention\.attention\.(query|key|value)\./, '.attn.$1.'],
  [/\.self_attention\.in_proj_(weight|bias)$/, '.attn.qkv.$1'],
  [/\.(?:attention\.output\.dense|self_attention\.out_proj)\./, '.attn.proj.'],
  [/\.(?:intermediate\.dense|mlp\.0|mlp\.linear_1)\./, '.mlp.fc1.'],
  [/^(blocks\.\d+)\.output\.dense\./, '$1.mlp.fc2.'],
  [/\.(?:mlp\.3|mlp\.linear_2)\./, '.mlp.fc2.'],
  [/\.layer_scale([12])\.lambda1$/, '.ls$1.gamma'],
  [/^(?:layernorm|encoder\.ln)\./, 'norm.'],
  [/^(?:classifier|heads\.head)\./, 'head.'],
];

const KNOWN =
  /^(cls_token|pos_embed|patch_embed\.proj\.(weight|bias)|norm\.(weight|bias)|head\.(weight|bias)|blocks\.\d+\.(norm[12]|attn\.(qkv|proj)|mlp\.fc[12])\.(weight|bias)|blocks\.\d+\.ls[12]\.gamma)$/;

const renamed = (name: string): string => STEPS.reduce((text, [from, to]) => text.replace(from, to), name);

export interface RenamedWeights {
  /** float32, under timm's names. */
  readonly weights: WeightMap;
  /** What no part of a vision transformer is, as the file names it: other heads, mask tokens, decoders. */
  readonly leftOut: readonly string[];
}

/**
 * A vision transformer's weights under timm's names, whichever library wrote them: queries, keys and values in one matrix, positions
 * in one table.
 */
export function toTransformerNames(weights: WeightMap): RenamedWeights {
  const found = new Map([...weights].map(([name, tensor]) => [renamed(name), tensor]));
  const joined = new Map([...found, ...joinedProjections(found), ...joinedPositions(found)]);
  const known = [...joined].filter(([name]) => KNOWN.test(name));
  const used = (name: string): boolean =>
    KNOWN.test(name) || /\.attn\.(query|key|value)\.(weight|bias)$/.test(name) || POSITIONS.test(name);
  return {
    weights: new Map(known.map(([name, tensor]) => [name, asFloat32(tensor)])),
    leftOut: [...weights.keys()].filter((name) => !used(renamed(name))),
  };
}

function asFloat32(tensor: WeightTensor): WeightTensor {
  return { dtype: 'float32', shape: tensor.shape, data: weightToFloat32(tensor) };
}

function joinedProjections(found: WeightMap): [string, WeightTensor][] {
  const queries = [...found.keys()].filter((name) => /\.attn\.query\.(weight|bias)$/.test(name));
  return queries.flatMap((name) => {
    const parts = ['query', 'key', 'value'].flatMap((part) => found.get(name.replace('query', part)) ?? []);
    return parts.length === 3 ? [[name.replace('query', 'qkv'), stacked(parts, 0)] as [string, WeightTensor]] : [];
  });
}

/** Constants that an exporter has folded: the class token's position and the grid's. */
const POSITIONS = /^embeddings\.(Concat|Reshape)(_\d+)?$/;

function joinedPositions(found: WeightMap): [string, WeightTensor][] {
  if (found.has('pos_embed')) return [];
  const tables = [...found].filter(([name, { shape }]) => POSITIONS.test(name) && shape.length === 3 && shape[0] === 1);
  const parts = tables.map(([, table]) => table).toSorted((a, b) => (a.shape[1] as number) - (b.shape[1] as number));
  return parts.length === 2 ? [['pos_embed', stacked(parts, 1)]] : [];
}

/** One after the other along an axis before which all sizes are 1. */
function stacked(parts: readonly WeightTensor[], axis: number): WeightTensor {
  const values = parts.map(weightToFloat32);
  const data = new Float32Array(values.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of values) {
    data.set(part, at);
    at += part.length;
  }
  const [first] = parts as [WeightTensor];
  const size = parts.reduce((sum, { shape }) => sum + (shape[axis] as number), 0);
  return { dtype: 'float32', shape: first.shape.with(axis, size), data };
}
