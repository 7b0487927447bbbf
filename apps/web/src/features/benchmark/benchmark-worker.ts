import '../../zod-without-eval.ts'
import { runBenchmark } from '@sotto/benchmark'
import type { Plan } from '@sotto/benchmark/plan'
import type { BenchmarkNews } from './benchmark-news.ts'

// Measures in a worker, so that the page stays responsive and doesn't skew the figures. To stop it, terminate the
// worker.

const tell = (news: BenchmarkNews) => postMessage(news)

addEventListener('message', async ({ data: plan }: MessageEvent<Plan>) => {
  try {
    for await (const step of runBenchmark(plan)) tell(step)
    tell({ kind: 'done' })
  } catch {
    tell({ kind: 'failed' })
  }
})
