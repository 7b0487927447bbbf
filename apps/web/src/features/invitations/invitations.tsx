import { plural, t } from '@lingui/core/macro'
import { Plural, Trans } from '@lingui/react/macro'
import type { MadeInvitation } from '@sotto/sdk'
import type { InvitationEntry, InvitationId } from '@sotto/wire'
import { useState } from 'react'
import { useCommand, useLoaded } from '../../client/hooks/use-command.ts'
import styles from '../../layout/sections.module.css'
import { Button } from '../../ui/buttons/button.tsx'
import { CopyButton } from '../../ui/buttons/copy-button.tsx'
import { QrCode } from '../../ui/codes/qr-code.tsx'
import { ChoiceCards } from '../../ui/forms/choice-cards.tsx'
import { Actions, Form } from '../../ui/forms/form.tsx'
import { Icon } from '../../ui/icons/icon.tsx'
import { FailureNotice, Notice } from '../../ui/notices/notice.tsx'
import { dateOf, exactTimeOf } from '../../ui/text/moments.ts'
import own from './invitations.module.css'

/** Links that let others join this server, if members may create them. */
export function Invitations() {
  const policy = useLoaded('sign-up policy', (commands) => commands.signUpPolicy())
  if (policy.state === 'loading') return <p aria-busy="true" />
  if (policy.state === 'failed') return <FailureNotice failure={policy.failure} />
  if (policy.value.membersInvite) return <OwnInvitations />
  return (
    <Notice icon="mail" title={t`Members can’t invite people on this server.`}>
      <p>
        <Trans>The people who run it can invite the people you’d like to have here.</Trans>
      </p>
    </Notice>
  )
}

/** Creates links and revokes them. */
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
          <h2>
            <Trans>Active links</Trans>
          </h2>
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

const numbers = ['1', '10', '100'] as const
const lifetimes = ['1', '7', '30'] as const

const numberChoices = () =>
  numbers.map((value) => ({
    value,
    title: plural(Number(value), { one: '# person', other: 'Up to # people' }),
  }))
const lifetimeChoices = () =>
  lifetimes.map((value) => ({
    value,
    title: plural(Number(value), { one: '# day', other: '# days' }),
  }))

function MakeLink({ onMade }: { onMade: (invitation: MadeInvitation) => void }) {
  const [uses, setUses] = useState<(typeof numbers)[number]>('1')
  const [days, setDays] = useState<(typeof lifetimes)[number]>('7')
  const make = useCommand(async (commands) => {
    onMade(await commands.createInvitation({ uses: Number(uses), days: Number(days) }))
  })
  return (
    <section className={styles.section}>
      <p className={styles.quiet}>
        <Trans>
          Anyone with this link can create an account here and will start with a conversation with
          you. Share it only with the people you want to invite.
        </Trans>
      </p>
      <Form onSubmit={() => make.run()}>
        <ChoiceCards
          legend={t`Number of people`}
          choices={numberChoices()}
          value={uses}
          onChange={setUses}
        />
        <ChoiceCards
          legend={t`Valid for`}
          choices={lifetimeChoices()}
          value={days}
          onChange={setDays}
        />
        <FailureNotice failure={make.failure} />
        <Actions>
          <Button type="submit" look="main" icon="plus" busy={make.busy}>
            <Trans>Create link</Trans>
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
      <h2>
        <Trans>Your link</Trans>
      </h2>
      <p className={styles.quiet}>
        <Trans>
          <Plural value={uses} one="For # person" other="For up to # people" />, until{' '}
          <Day at={expiresAt} />. This link is shown only once.
        </Trans>
      </p>
      <p className={own.link}>
        <bdi dir="ltr">{link}</bdi>
      </p>
      <div className={own.qr}>
        <QrCode text={link} label={t`Link as a QR code`} />
      </div>
      <Actions>
        <CopyButton text={link} label={t`Copy link`} />
        <Button look="plain" onClick={onAnother}>
          <Trans>Create another link</Trans>
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
          {usesLeft === uses ? (
            <Plural value={uses} one="For # person" other="For up to # people" />
          ) : (
            <Plural
              value={uses}
              one={`${usesLeft} of # use left`}
              other={`${usesLeft} of # uses left`}
            />
          )}
        </strong>
        <small>
          <Trans>
            Created <Day at={createdAt} />, valid until <Day at={expiresAt} />
          </Trans>
        </small>
      </span>
      <Button busy={busy} onClick={onRevoke} aria-label={t`Revoke the link created ${made}`}>
        <Trans>Revoke</Trans>
      </Button>
    </li>
  )
}

/** The day is enough for a decision; the exact time is in the tooltip. */
const Day = ({ at }: { at: number }) => <span title={exactTimeOf(at)}>{dateOf(at)}</span>
