import { expect, test } from 'vitest'
import {
  c1Of,
  contestants,
  type Figure,
  type Plan,
  type Report,
  runBenchmark,
  toCsv,
  toJson,
  toText,
} from '../src/index.ts'

const plan: Plan = { contestants, sizes: [100], counts: [10, 20], rounds: 2, budgetMs: null }
const environment = { runtime: 'Test 1', cpu: null, cores: 2, date: '2026-11-22' }

const figureOf = (changes: Partial<Figure>): Figure => ({
  contestant: 'ecdh',
  operation: 'encrypt',
  size: 100,
  count: 1000,
  measured: 1000,
  microseconds: 50,
  ratio: 0.75,
  ...changes,
})

async function figuresOf(wanted: Plan): Promise<Figure[]> {
  const figures: Figure[] = []
  for await (const step of runBenchmark(wanted)) {
    if (step.kind === 'figures') figures.push(...step.figures)
  }
  return figures
}

test('measures everything, with a ratio to the reference', async () => {
  const figures = await figuresOf(plan)

  expect(figures).toHaveLength(contestants.length * 2 * 2)
  for (const figure of figures) {
    expect(figure.microseconds).toBeGreaterThan(0)
    expect(figure.ratio).toBeGreaterThan(0)
    expect(figure.measured).toBe(figure.count)
  }
  const reference = figures.filter(({ contestant }) => contestant === 'aes-cbc-hmac')
  expect(reference.map(({ ratio }) => ratio)).toEqual([1, 1, 1, 1])
})

test('measures slow contestants with fewer messages, and says so', async () => {
  const only = { ...plan, contestants: ['aes-gcm'] as const, counts: [1_000_000], budgetMs: 1 }

  const figures = await figuresOf(only)

  expect(figures.every(({ measured }) => measured >= 10 && measured < 10_000)).toBe(true)
  expect(figures.every(({ ratio }) => ratio === null)).toBe(true)
  expect(toText({ environment, figures })).toContain('~')
})

test('can be stopped between two steps', async () => {
  for await (const step of runBenchmark(plan)) {
    expect(step).toEqual({ kind: 'progress', share: 0 })
    break
  }
})

test('computes C1 for both layers from the largest measured count', () => {
  const figures = [
    figureOf({ measured: 10, ratio: 0.2 }),
    figureOf({ measured: 900, ratio: 0.8 }),
    figureOf({ size: 1024, ratio: 0.1 }),
    figureOf({ contestant: 'ecdh-jwe', operation: 'decrypt', ratio: 0.9 }),
    figureOf({ contestant: 'ecdh-jwe', operation: 'encrypt', ratio: null }),
  ]

  expect(c1Of(figures)).toEqual([
    { contestant: 'ecdh-jwe', operation: 'decrypt', ratio: 0.9 },
    { contestant: 'ecdh', operation: 'encrypt', ratio: 0.8 },
  ])
})

test('a report as text, CSV and JSON contains the same figures', () => {
  const report: Report = { environment, figures: [figureOf({ measured: 500 })] }

  expect(toCsv(report)).toContain('\r\n"ecdh, whole message",encrypt,100,1000,500,50.00,50.00,0.75')
  expect(JSON.parse(toJson(report))).toMatchObject(report)
  expect(toText(report)).toMatch(/encrypt ecdh, whole message +~50\.0 ms +50\.0 +0\.75/)
  expect(toText(report)).toContain('Test 1 · 2 cores · 2026-11-22')
})
