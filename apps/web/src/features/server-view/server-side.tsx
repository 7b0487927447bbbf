import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ServerView } from '@sotto/sdk'
import { bytesInWords, exactTimeOf } from '../../ui/text/moments.ts'
import { Inferences } from './inferences.tsx'
import { prettyFrame } from './pretty-frame.ts'
import styles from './server-view.module.css'

const LONG_CHARS = 160

/** The message in the server's table and on the wire. */
export function ServerSide({ view }: { view: ServerView }) {
  return (
    <section className={styles.side} aria-label={t`What the server sees`}>
      <h3>
        <Trans>What the server sees</Trans>
      </h3>
      {view.row ? (
        <div className={styles.block}>
          <h4>
            <Trans>
              The row in its table <code>{view.row.table}</code>
            </Trans>
          </h4>
          <dl className={styles.row} data-testid="server-row">
            {Object.entries(view.row.columns).map(([column, value]) => (
              <div key={column}>
                <dt>{column}</dt>
                <dd dir="ltr">
                  <LongValue text={value === null ? 'null' : String(value)} />
                </dd>
              </div>
            ))}
          </dl>
        </div>
      ) : (
        <p>
          <Trans>Nothing yet. This message is still waiting on your device.</Trans>
        </p>
      )}
      <div className={styles.block}>
        <h4>
          <Trans>Header of the ciphertext</Trans>
        </h4>
        <pre className={styles.code} dir="ltr">
          {JSON.stringify(view.header, null, 2)}
        </pre>
        <p>{t`${{ size: bytesInWords(view.ciphertextBytes) }} of ciphertext.`}</p>
      </div>
      <Inferences view={view} />
      <Frames frames={view.frames} />
    </section>
  )
}

/** Shows the beginning of a long value, and all of it on request. */
function LongValue({ text }: { text: string }) {
  if (text.length <= LONG_CHARS) return text
  return (
    <details className={styles.long}>
      <summary>
        {text.slice(0, LONG_CHARS)}
        <span className={styles.more}>
          …{' '}
          <span className={styles.all} dir="auto">
            <Trans>Show all</Trans>
          </span>
        </span>
      </summary>
      {text.slice(LONG_CHARS)}
    </details>
  )
}

function Frames({ frames }: Pick<ServerView, 'frames'>) {
  if (frames.length === 0) return null
  return (
    <div className={styles.block}>
      <h4>
        <Trans>What was sent over the network</Trans>
      </h4>
      {frames.map((frame) => (
        <details key={`${frame.at} ${frame.direction}`} className={styles.frame}>
          <summary>
            {frame.direction === 'sent' ? t`Sent by this device` : t`Received by this device`}
            <small>
              {bytesInWords(frame.text.length)}, {exactTimeOf(frame.at)}
            </small>
          </summary>
          <pre className={styles.code} dir="ltr">
            {prettyFrame(frame.text)}
          </pre>
        </details>
      ))}
    </div>
  )
}
