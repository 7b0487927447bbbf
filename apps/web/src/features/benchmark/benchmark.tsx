import type { Report } from '@sotto/benchmark/report'
import { useMemo } from 'react'
import { Button } from '../../ui/button.tsx'
import { Actions } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import styles from './benchmark.module.css'
import { BenchmarkResult } from './benchmark-result.tsx'
import { ChoosePlan } from './choose-plan.tsx'
import { thisBrowser } from './this-browser.ts'
import { useBenchmark } from './use-benchmark.ts'

/** How fast the protocols are in this browser. */
export function Benchmark() {
  const { stage, share, figures, start, stop, reset } = useBenchmark()
  const report = useMemo<Report>(() => ({ environment: thisBrowser(), figures }), [figures])
  return (
    <>
      <p>
        How long this browser takes to encrypt and decrypt messages by both protocols, beside its
        own bare functions and two libraries in plain JavaScript. It runs here, with made-up
        messages and keys; nothing is sent.
      </p>
      {stage === 'running' && <Running share={share} onStop={stop} />}
      {stage === 'idle' && <ChoosePlan onStart={start} />}
      {stage === 'failed' && (
        <div role="alert">
          <Notice tone="danger" title="This browser could not measure everything.">
            <p>What was found so far is below. A newer browser may do better.</p>
          </Notice>
        </div>
      )}
      <p role="status" className={figures.length > 0 ? styles.quiet : 'visually-hidden'}>
        {stage === 'done' && 'Measured.'}
        {stage === 'stopped' &&
          (figures.length > 0 ? 'Stopped. What was measured before is below.' : 'Stopped.')}
      </p>
      {figures.length > 0 && <BenchmarkResult report={report} />}
      {!['idle', 'running'].includes(stage) && (
        <Actions>
          <Button icon="retry" onClick={reset}>
            Measure again
          </Button>
        </Actions>
      )}
    </>
  )
}

function Running({ share, onStop }: { share: number; onStop: () => void }) {
  return (
    <div className={styles.running}>
      <label>
        <span>Measuring … leave this page open and do nothing else meanwhile.</span>
        <progress value={share} max={1} />
      </label>
      <Actions>
        <Button onClick={onStop}>Stop</Button>
      </Actions>
    </div>
  )
}
