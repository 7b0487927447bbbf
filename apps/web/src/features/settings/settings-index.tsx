import { i18n, type MessageDescriptor } from '@lingui/core'
import { msg, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useLoaded } from '../../client/hooks/use-command.ts'
import { useMe } from '../../client/hooks/use-view.ts'
import styles from '../../layout/sections.module.css'
import { hrefOf, type SettingsPage } from '../../routes.ts'
import { Icon, type IconName } from '../../ui/icons/icon.tsx'
import { moveFocus } from '../../ui/keyboard/arrow-keys.ts'
import { Avatar } from '../../ui/people/avatar.tsx'
import { PersonName } from '../../ui/people/person-name.tsx'
import { settingsTitles } from './settings-titles.ts'
import { StorageWarning } from './storage-warning.tsx'

interface Entry {
  readonly page: SettingsPage
  readonly text: MessageDescriptor
  readonly icon: IconName
}

const entries: readonly Entry[] = [
  { page: 'profile', text: msg`What others see`, icon: 'person' },
  { page: 'appearance', text: msg`Theme and language`, icon: 'sun' },
  { page: 'writing', text: msg`What the Enter key does`, icon: 'chat' },
  { page: 'privacy', text: msg`Who can find you`, icon: 'search' },
  { page: 'recovery', text: msg`Create a new one`, icon: 'verified' },
  { page: 'password', text: msg`How you log in`, icon: 'eye-off' },
  { page: 'rsa-key', text: msg`Create, save, or import`, icon: 'key' },
  { page: 'devices', text: msg`Where you’re logged in`, icon: 'devices' },
  { page: 'storage', text: msg`How much storage you have`, icon: 'server' },
  { page: 'blocked', text: msg`People who can’t message you`, icon: 'blocked' },
  { page: 'invitations', text: msg`Links to join this server`, icon: 'plus' },
  { page: 'speed', text: msg`Measure it in this browser`, icon: 'speed' },
  { page: 'leave', text: msg`For now, or erase this browser’s data`, icon: 'leave' },
]

/** All settings, one line each. */
export function SettingsIndex() {
  const me = useMe()
  const policy = useLoaded('policy', (commands) => commands.signUpPolicy())
  const isHidden: Partial<Record<SettingsPage, boolean>> = {
    // Only people who signed up by email can have one.
    password: me.email === null,
    invitations: !(policy.state === 'loaded' && policy.value.membersInvite),
  }
  const shown = entries.filter(({ page }) => !isHidden[page])
  return (
    <>
      <div className={styles.me}>
        <Avatar id={me.accountId} name={me.name} picture={me.picture} size="large" />
        <div>
          <h2>
            <PersonName name={me.name} />
          </h2>
          <p>
            <bdi>{me.email ?? me.phone}</bdi>
          </p>
        </div>
      </div>
      <StorageWarning />
      <nav aria-label={t`Settings`} onKeyDown={moveFocus('a')}>
        <ul className={styles.rows}>
          {shown.map(({ page, text, icon }) => (
            <li key={page}>
              <a className={styles.row} href={hrefOf({ at: 'settings', page })}>
                <Icon name={icon} />
                <span className={styles.words}>
                  <strong>{i18n._(settingsTitles[page])}</strong>
                  <small>{i18n._(text)}</small>
                </span>
                <Icon name="forward" size={16} />
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <p className={styles.quiet}>
        <a href="/licenses.txt" target="_blank" rel="noreferrer">
          <Trans>Open-source licenses</Trans>
        </a>
      </p>
    </>
  )
}
