import '../../zod-without-eval.ts'
import { runBenchmark } from '@sotto/benchmark'
import type { Plan } from '@sotto/benchmark/plan'
import type { BenchmarkNews } from './benchmark-news.ts'

// Measures here, so that the page stays quick and the figures are not the page's. Whoever wants it to
// stop ends the worker.

const tell = (news: BenchmarkNews) => postMessage(news)

addEventListener('message', async ({ data: plan }: MessageEvent<Plan>) => {
  try {
    for await (const step of runBenchmark(plan)) tell(step)
    tell({ kind: 'done' })
  } catch {
    tell({ kind: 'failed' })
  }
})
