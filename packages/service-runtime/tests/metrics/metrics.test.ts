import { expect, test } from 'vitest'
import { createMetrics } from '../../src/index.ts'

const described = (name: string) => ({ name, help: 'for a test' })
const linesOf = async (metrics: ReturnType<typeof createMetrics>, name: string) =>
  (await metrics.read()).split('\n').filter((line) => line.startsWith(name))

test('counters with the same name are one metric with a series for each label', async () => {
  const metrics = createMetrics()
  const one = metrics.counter(described('things_total'), { kind: 'one' })
  metrics.counter(described('things_total'), { kind: 'other' })
  one.add()
  one.add(4)

  expect(await linesOf(metrics, 'things_total')).toEqual([
    'things_total{kind="one"} 5',
    'things_total{kind="other"} 0',
  ])
  expect(await linesOf(metrics, 'things_total')).toHaveLength(2)
})

test('a gauge that fails or hangs is omitted and affects no other', async () => {
  const metrics = createMetrics()
  let isDown = false
  const read = async () => {
    if (isDown) throw new Error('no database')
    return 7
  }
  metrics.gauge(described('rows'), read, { schema: 'auth' })
  metrics.gauge(described('rows'), () => new Promise<number>(() => {}), { schema: 'chat' })
  metrics.gauge(described('always'), () => 1)
  expect(await linesOf(metrics, 'rows')).toEqual(['rows{schema="auth"} 7'])
  isDown = true

  expect(await linesOf(metrics, 'rows')).toEqual([])
  expect(await linesOf(metrics, 'always')).toEqual(['always 1'])
})

test('a distribution counts each value in every bucket that includes it', async () => {
  const metrics = createMetrics()
  const seconds = metrics.distribution(described('seconds'), [0.1, 1])
  for (const value of [0.05, 0.1, 0.5]) seconds.observe(value)
  seconds.observe(2, 3)

  expect(await linesOf(metrics, 'seconds')).toEqual([
    'seconds_bucket{le="0.1"} 2',
    'seconds_bucket{le="1"} 3',
    'seconds_bucket{le="+Inf"} 6',
    'seconds_sum 6.65',
    'seconds_count 6',
  ])
})
