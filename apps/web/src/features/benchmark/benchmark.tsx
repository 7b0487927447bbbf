import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { Report } from '@sotto/benchmark/report'
import { useMemo } from 'react'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import { Notice } from '../../ui/notices/notice.tsx'
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
        <Trans>
          How long this browser takes to encrypt and decrypt messages with both protocols, compared
          with its own built-in functions and two libraries in plain JavaScript. It runs here, with
          made-up messages and keys. Nothing is sent.
        </Trans>
      </p>
      {stage === 'running' && <Running share={share} onStop={stop} />}
      {stage === 'idle' && <ChoosePlan onStart={start} />}
      {stage === 'failed' && (
        <div role="alert">
          <Notice tone="danger" title={t`This browser couldn’t measure everything.`}>
            <p>
              <Trans>The results so far are below. A newer browser may do better.</Trans>
            </p>
          </Notice>
        </div>
      )}
      <p role="status" className={figures.length > 0 ? styles.quiet : 'visually-hidden'}>
        {stage === 'done' && t`Done.`}
        {stage === 'stopped' &&
          (figures.length > 0 ? t`Stopped. The results so far are below.` : t`Stopped.`)}
      </p>
      {figures.length > 0 && <BenchmarkResult report={report} />}
      {!['idle', 'running'].includes(stage) && (
        <Actions>
          <Button icon="retry" onClick={reset}>
            <Trans>Measure again</Trans>
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
        <span>
          <Trans>Measuring… Keep this page open and don’t do anything else until it’s done.</Trans>
        </span>
        <progress value={share} max={1} />
      </label>
      <Actions>
        <Button onClick={onStop}>
          <Trans>Stop</Trans>
        </Button>
      </Actions>
    </div>
  )
}
