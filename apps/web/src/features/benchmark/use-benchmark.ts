import type { Figure, Plan } from '@sotto/benchmark/plan'
import { useCallback, useEffect, useRef, useState } from 'react'
import { workerUrl } from '../../trusted-types.ts'
import type { BenchmarkNews } from './benchmark-news.ts'
import benchmarkWorkerUrl from './benchmark-worker.ts?worker&url'

/** The benchmark's progress, and its results so far. */
export interface BenchmarkState {
  readonly stage: 'idle' | 'running' | 'stopped' | 'done' | 'failed'
  /** From 0 to 1. */
  readonly share: number
  readonly figures: readonly Figure[]
}

const idle: BenchmarkState = { stage: 'idle', share: 0, figures: [] }

/** Runs the benchmark in a separate worker, which ends with the page. */
export function useBenchmark() {
  const [state, setState] = useState(idle)
  const worker = useRef<Worker>(undefined)

  const end = useCallback((stage: BenchmarkState['stage']) => {
    worker.current?.terminate()
    worker.current = undefined
    setState((before) => ({ ...before, stage }))
  }, [])
  useEffect(() => () => worker.current?.terminate(), [])

  const start = useCallback(
    (plan: Plan) => {
      const started = new Worker(workerUrl(benchmarkWorkerUrl), {
        type: 'module',
        name: 'benchmark',
      })
      worker.current = started
      setState({ ...idle, stage: 'running' })
      started.addEventListener('message', ({ data }: MessageEvent<BenchmarkNews>) => {
        if (data.kind === 'done' || data.kind === 'failed') end(data.kind)
        else setState((before) => afterNews(before, data))
      })
      started.addEventListener('error', () => end('failed'))
      started.postMessage(plan)
    },
    [end],
  )
  return { ...state, start, stop: () => end('stopped'), reset: () => setState(idle) }
}

function afterNews(state: BenchmarkState, news: BenchmarkNews): BenchmarkState {
  if (news.kind === 'figures') return { ...state, figures: [...state.figures, ...news.figures] }
  // Skips updates too small to see.
  const isSeen = news.kind === 'progress' && news.share - state.share >= 0.01
  return isSeen ? { ...state, share: news.share } : state
}
