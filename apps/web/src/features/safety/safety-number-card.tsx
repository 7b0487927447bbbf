import type { ContactView } from '@sotto/sdk'
import { useCommand, useLoaded } from '../../client/use-command.ts'
import { Button } from '../../ui/button.tsx'
import { DigitGroups, inGroups } from '../../ui/digit-groups.tsx'
import { Actions } from '../../ui/form.tsx'
import { FailureNotice } from '../../ui/notice.tsx'
import { PersonName } from '../../ui/person-name.tsx'
import { QrCode } from '../../ui/qr-code.tsx'
import { Tag } from '../../ui/tag.tsx'
import styles from './person-panel.module.css'

/** The number that is the same on both sides when nobody stands in between. */
export function SafetyNumberCard({ peer }: { peer: ContactView }) {
  const { accountId, name, trust } = peer
  const number = useLoaded(`${accountId} ${trust}`, (commands) => commands.safetyNumber(accountId))
  const seenDigits = number.state === 'loaded' ? number.value.digits : null
  const mark = useCommand((commands, verified: boolean) =>
    commands.setVerified(accountId, verified, seenDigits),
  )
  const isVerified = trust === 'verified'

  return (
    <section className={styles.section}>
      <h3>Safety number</h3>
      <p>
        Compare it with what <PersonName name={name} /> sees, face to face or in a call. If all
        sixty digits are the same, nobody stands between you.
      </p>
      {number.state === 'failed' && <FailureNotice failure={number.failure} />}
      {number.state === 'loaded' && (
        <>
          <DigitGroups groups={inGroups(number.value.digits, 5)} label="Safety number" />
          <div className={styles.qr}>
            <QrCode text={number.value.qr} label={`Safety number with ${name} as a QR code`} />
          </div>
          {isVerified && (
            <Tag tone="ok" icon="verified">
              verified by you
            </Tag>
          )}
          <Actions>
            <Button
              look={isVerified ? 'quiet' : 'main'}
              icon="verified"
              busy={mark.busy}
              disabled={trust === 'key_changed'}
              onClick={() => mark.run(!isVerified)}
            >
              {isVerified ? 'Remove the mark' : 'Mark as verified'}
            </Button>
          </Actions>
        </>
      )}
      <FailureNotice failure={mark.failure} />
    </section>
  )
}
