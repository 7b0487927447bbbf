import { wordsFor } from '../../client/error-words.ts'
import { useStorage } from '../../client/use-view.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import styles from './top-notice.module.css'

/** Says that this browser keeps nothing any more: what comes is not shown, and what is written not sent. */
export function StorageBanner() {
  const { problem } = useStorage()
  if (!problem) return null
  const { what, next } = wordsFor({ code: problem })
  return (
    <div role="alert" className={styles.banner}>
      <Notice tone="danger" title={what}>
        <p>{next} Until then nothing new shows here, and nothing is sent.</p>
        <div>
          <Button onClick={() => location.reload()}>Load the page again</Button>
        </div>
      </Notice>
    </div>
  )
}
