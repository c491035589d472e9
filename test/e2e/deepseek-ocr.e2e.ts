import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const root = resolve(import.meta.dirname, '../..')
const work = mkdtempSync(join(tmpdir(), 'gb10-deepseek-ocr-'))
const [home, models] = [join(work, 'home'), join(work, 'models')]
const env = { ...process.env, HOME: home, XDG_DATA_HOME: '', XDG_CACHE_HOME: '', XDG_STATE_HOME: '', XDG_CONFIG_HOME: '' }
const python = join(home, '.local/share/gb10/envs/deepseek-ocr/bin/python')

/** One gb10 command on this machine, in a home of its own. */
function gb10(...args: string[]): { code: number | null; json: any; stderr: string } {
  const options = { env, encoding: 'utf8', maxBuffer: 64e6 } as const
  const { status, stdout, stderr } = spawnSync(join(root, 'gb10'), [...args, '--json'], options)
  return { code: status, json: stdout === '' ? null : JSON.parse(stdout), stderr }
}

/** Runs Python in the environment. */
const inEnvironment = (...args: string[]): string =>
  execFileSync(python, ['-B', ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

const makeModel = (...args: string[]): string => inEnvironment(join(root, 'test/support/models/make_deepseek.py'), ...args)

/** Runs lines of Python that may use a file of smoke/ as `m`. */
const withSmoke = (file: string, ...lines: string[]): string =>
  inEnvironment(
    '-c',
    [
      'import importlib.util, json, pathlib',
      `spec = importlib.util.spec_from_file_location('m', '${root}/smoke/${file}')`,
      'm = importlib.util.module_from_spec(spec); spec.loader.exec_module(m)',
      ...lines,
    ].join('\n'),
  )

/** The published configuration of DeepSeek-OCR-2, as far as it says anything about sizes. */
const PUBLISHED = {
  language_config: {
    bos_token_id: 0, eos_token_id: 1, first_k_dense_replace: 1, hidden_size: 1280, intermediate_size: 6848, kv_lora_rank: null,
    max_position_embeddings: 8192, moe_intermediate_size: 896, n_group: 1, n_routed_experts: 64, n_shared_experts: 2,
    num_attention_heads: 10, num_experts_per_tok: 6, num_hidden_layers: 12, num_key_value_heads: 10, q_lora_rank: null,
    topk_group: 1, topk_method: 'greedy', vocab_size: 129_280,
  },
  model_type: 'deepseek_vl_v2',
  projector_config: { input_dim: 896, n_embed: 1280 },
  vision_config: {
    width: {
      'qwen2-0-5b': { dim: 896 },
      sam_vit_b: { width: 768, layers: 12, heads: 12, global_attn_indexes: [2, 5, 8, 11] },
    },
  },
}

function apply(model: string): void {
  const set = ['--set', `model=${model}`, '--set', 'build=any', '--set', `models=${models}`, '--source', 'torch=default']
  const { code, json, stderr } = gb10('apply', 'deepseek-ocr', ...set, '--yes')
  expect(code, `${JSON.stringify(json)}\n${stderr}`).toBe(0)
}

const BLOCKED = { verdict: 'blocked', model: 'stand-in' }

describe('DeepSeek-OCR with the real transformers, and weights that are none', () => {
  beforeAll(() => {
    for (const folder of [home, models]) mkdirSync(folder)
  })
  afterAll(() => rmSync(work, { recursive: true, force: true }))

  test('v2 without weights: a tiny model of the native classes goes the whole way, and that is not called proof', () => {
    apply('v2')
    const { code, json } = gb10('smoke', 'deepseek-ocr', '--device', 'cpu')
    expect(code).toBe(2)
    const [result] = json.results
    expect(result).toMatchObject({ ...BLOCKED, device: 'cpu', metrics: { path: 'pass', variant: 'v2' } })
    expect(result.reason).toContain('Real weights not tried')
    expect(result.metrics).toMatchObject({ secondsPerPage: null, agreement: { cosine: 1 }, loaded: { remoteCode: false } })
  })

  test('v2 in the words of the native classes has as many parameters as the published weights', () => {
    const counted = withSmoke(
      '_ocr_native.py',
      'import torch; from transformers import DeepseekOcr2Config, DeepseekOcr2ForConditionalGeneration as Model',
      `config = DeepseekOcr2Config.from_dict(m.native_config(json.loads('${JSON.stringify(PUBLISHED)}')))`,
      'with torch.device("meta"): print(sum(p.numel() for p in Model(config).parameters()))',
    )
    const known = parse(readFileSync(join(root, 'smoke/_models.yaml'), 'utf8')) as { deepseekOcr: { v2: { parameters: number } } }
    expect(Number(counted)).toBe(known.deepseekOcr.v2.parameters)
  })

  test('v2 with a stand-in in the folder of models reads the owner\'s PDF page by page', () => {
    makeModel('native', join(models, 'deepseek-ai--DeepSeek-OCR-2'))
    const words = `m.expected_pages(7, pathlib.Path('${root}/smoke/words.txt'))`
    withSmoke('_page.py', `m.make_pdf(${words}, pathlib.Path('${work}/two.pdf'))`)
    const { code, json } = gb10('smoke', 'deepseek-ocr', '--device', 'cpu', '--input', join(work, 'two.pdf'))
    expect(code).toBe(2)
    expect(json.results[0]).toMatchObject({ ...BLOCKED, metrics: { path: 'pass', input: { total: 2, error: null } } })
    expect(json.results[0].metrics.input.pages.map((page: any) => page.seconds > 0)).toEqual([true, true])
  })

  test('v1 without weights: a tiny model of the same parts, with code of gb10, goes the whole way', () => {
    apply('v1')
    const { code, json } = gb10('smoke', 'deepseek-ocr', '--device', 'cpu')
    expect(code).toBe(2)
    expect(json.results[0]).toMatchObject({
      ...BLOCKED, metrics: { path: 'pass', variant: 'v1', agreement: { cosine: 1 }, loaded: { remoteCode: true } },
    })
    expect(json.results[0].reason).toContain('Real weights not tried')
  })

  test('v1 through trust_remote_code and infer, simulated: neither its code nor its weights are the published ones', () => {
    makeModel('simulated', join(models, 'deepseek-ai--DeepSeek-OCR'))
    const { json } = gb10('smoke', 'deepseek-ocr', '--device', 'cpu')
    expect(json.results[0]).toMatchObject({ ...BLOCKED, metrics: { path: 'pass', variant: 'v1', loaded: { remoteCode: true } } })
    expect(json.results[0].metrics.versions).toMatchObject({ transformers: '4.46.3', tokenizers: '0.20.3' })
  })

  test('v1 on a CPU, with code that names the GPU as the published code does: blocked, with the reason', () => {
    makeModel('simulated', join(models, 'deepseek-ai--DeepSeek-OCR'), '--cuda-only')
    const { json } = gb10('smoke', 'deepseek-ocr', '--device', 'cpu')
    expect(json.results[0]).toMatchObject({ verdict: 'blocked', reason: expect.stringContaining('NVIDIA GPU only') })
  })

  test('uninstall leaves the owner\'s models and nothing else', () => {
    expect(gb10('uninstall', '--yes').json).toMatchObject({ status: 'done', kept: [], failed: [], verified: { differences: [] } })
    expect(readdirSync(models)).toEqual(['deepseek-ai--DeepSeek-OCR', 'deepseek-ai--DeepSeek-OCR-2'])
    expect(readdirSync(home, { recursive: true }).filter((path) => path.toString().includes('deepseek'))).toEqual([])
  })
})
