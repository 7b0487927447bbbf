import type { MadeInvitation } from '@sotto/sdk'
import type { InvitationEntry, InvitationId } from '@sotto/wire'
import { useState } from 'react'
import { useCommand, useLoaded } from '../../client/use-command.ts'
import { Button } from '../../ui/button.tsx'
import { ChoiceCards } from '../../ui/choice-cards.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Actions, Form } from '../../ui/form.tsx'
import { Icon } from '../../ui/icon.tsx'
import { dateOf, exactTimeOf } from '../../ui/moments.ts'
import { FailureNotice, Notice } from '../../ui/notice.tsx'
import { QrCode } from '../../ui/qr-code.tsx'
import styles from '../settings/settings.module.css'
import own from './invitations.module.css'

/** Links that let others join this server, where members may make them. */
export function Invitations() {
  const policy = useLoaded('sign-up policy', (commands) => commands.signUpPolicy())
  if (policy.state === 'loading') return <p aria-busy="true" />
  if (policy.state === 'failed') return <FailureNotice failure={policy.failure} />
  if (policy.value.membersInvite) return <OwnInvitations />
  return (
    <Notice icon="mail" title="Members do not invite on this server.">
      <p>Whoever runs it can send an invitation to the people you would like to have here.</p>
    </Notice>
  )
}

/** Making links, and taking them back. */
function OwnInvitations() {
  const [made, setMade] = useState<MadeInvitation | null>(null)
  const list = useLoaded('invitations', (commands) => commands.listInvitations())
  const revoke = useCommand(async (commands, id: InvitationId) => {
    await commands.revokeInvitation(id)
    if (made?.invitationId === id) setMade(null)
    list.reload()
  })
  const show = (invitation: MadeInvitation) => {
    setMade(invitation)
    list.reload()
  }
  return (
    <>
      {made ? (
        <NewLink invitation={made} onAnother={() => setMade(null)} />
      ) : (
        <MakeLink onMade={show} />
      )}
      <FailureNotice failure={revoke.failure} />
      {list.state === 'failed' && <FailureNotice failure={list.failure} />}
      {list.state === 'loaded' && list.value.length > 0 && (
        <section className={styles.section}>
          <h2>Links that still work</h2>
          <ul className={styles.rows}>
            {list.value.map((entry) => (
              <Line
                key={entry.invitationId}
                entry={entry}
                busy={revoke.busy}
                onRevoke={() => revoke.run(entry.invitationId)}
              />
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

const numbers = [
  { value: '1', title: 'One person' },
  { value: '10', title: 'Up to ten' },
  { value: '100', title: 'Up to a hundred' },
] as const
const lifetimes = [
  { value: '1', title: 'One day' },
  { value: '7', title: 'A week' },
  { value: '30', title: 'A month' },
] as const

function MakeLink({ onMade }: { onMade: (invitation: MadeInvitation) => void }) {
  const [uses, setUses] = useState<(typeof numbers)[number]['value']>('1')
  const [days, setDays] = useState<(typeof lifetimes)[number]['value']>('7')
  const make = useCommand(async (commands) => {
    onMade(await commands.createInvitation({ uses: Number(uses), days: Number(days) }))
  })
  return (
    <section className={styles.section}>
      <p className={styles.quiet}>
        Whoever opens the link can make an account here, and begins with a conversation with you.
        Give it to nobody else.
      </p>
      <Form onSubmit={() => make.run()}>
        <ChoiceCards legend="For whom" choices={numbers} value={uses} onChange={setUses} />
        <ChoiceCards legend="For how long" choices={lifetimes} value={days} onChange={setDays} />
        <FailureNotice failure={make.failure} />
        <Actions>
          <Button type="submit" look="main" icon="plus" busy={make.busy}>
            Make a link
          </Button>
        </Actions>
      </Form>
    </section>
  )
}

function NewLink({ invitation, onAnother }: { invitation: MadeInvitation; onAnother: () => void }) {
  const { link, uses, expiresAt } = invitation
  return (
    <section className={styles.section}>
      <h2>Your link</h2>
      <p className={styles.quiet}>
        For {people(uses)}, until <Day at={expiresAt} />. It is shown here once.
      </p>
      <p className={own.link}>
        <bdi dir="ltr">{link}</bdi>
      </p>
      <div className={own.qr}>
        <QrCode text={link} label="The link as a QR code" />
      </div>
      <Actions>
        <CopyButton text={link} label="Copy the link" />
        <Button look="plain" onClick={onAnother}>
          Make another
        </Button>
      </Actions>
    </section>
  )
}

function Line({
  entry,
  busy,
  onRevoke,
}: {
  entry: InvitationEntry
  busy: boolean
  onRevoke: () => void
}) {
  const { uses, usesLeft, createdAt, expiresAt } = entry
  const made = exactTimeOf(createdAt)
  return (
    <li className={styles.row}>
      <Icon name="person" />
      <span className={styles.words}>
        <strong>
          {usesLeft === uses ? `For ${people(uses)}` : `For ${usesLeft} of ${people(uses)}`}
        </strong>
        <small>
          Made on <Day at={createdAt} />, works until <Day at={expiresAt} />
        </small>
      </span>
      <Button busy={busy} onClick={onRevoke} aria-label={`Take back the link made ${made}`}>
        Take back
      </Button>
    </li>
  )
}

/** The day is enough to decide by; the moment is there for whoever asks. */
const Day = ({ at }: { at: number }) => <span title={exactTimeOf(at)}>{dateOf(at)}</span>

const people = (count: number) => (count === 1 ? 'one person' : `${count} people`)
