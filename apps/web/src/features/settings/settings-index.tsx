import { useLoaded } from '../../client/use-command.ts'
import { useMe } from '../../client/use-view.ts'
import { hrefOf, type SettingsPage } from '../../routes.ts'
import { moveFocus } from '../../ui/arrow-keys.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon, type IconName } from '../../ui/icon.tsx'
import { PersonName } from '../../ui/person-name.tsx'
import styles from './settings.module.css'
import { StorageWarning } from './storage-warning.tsx'

interface Entry {
  readonly page: SettingsPage
  readonly title: string
  readonly text: string
  readonly icon: IconName
}

const entries: readonly Entry[] = [
  { page: 'profile', title: 'Name and picture', text: 'How others see you', icon: 'person' },
  { page: 'appearance', title: 'Appearance', text: 'Light, dark, high contrast', icon: 'sun' },
  { page: 'writing', title: 'Writing', text: 'What the Enter key does', icon: 'chat' },
  {
    page: 'privacy',
    title: 'Being found',
    text: 'By phone number or e-mail address',
    icon: 'search',
  },
  { page: 'recovery', title: 'Recovery code', text: 'Make a new one', icon: 'verified' },
  { page: 'password', title: 'Password', text: 'How you log in', icon: 'eye-off' },
  { page: 'rsa-key', title: 'RSA key', text: 'Make, save or load it', icon: 'key' },
  {
    page: 'devices',
    title: 'Devices and sessions',
    text: 'Where you are logged in',
    icon: 'devices',
  },
  {
    page: 'storage',
    title: 'Storage on this server',
    text: 'How much room you have',
    icon: 'server',
  },
  { page: 'blocked', title: 'Blocked people', text: 'Who cannot write to you', icon: 'blocked' },
  {
    page: 'invitations',
    title: 'Inviting people',
    text: 'Links to join this server',
    icon: 'plus',
  },
  {
    page: 'speed',
    title: 'Speed of encryption',
    text: 'Measure it in this browser',
    icon: 'speed',
  },
  { page: 'leave', title: 'Log out', text: 'For now, or forget this browser', icon: 'leave' },
]

/** All settings, one line each. */
export function SettingsIndex() {
  const me = useMe()
  const policy = useLoaded('policy', (commands) => commands.signUpPolicy())
  const isHidden: Partial<Record<SettingsPage, boolean>> = {
    // Only who signs up by e-mail may have one.
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
      <nav aria-label="Settings" onKeyDown={moveFocus('a')}>
        <ul className={styles.rows}>
          {shown.map(({ page, title, text, icon }) => (
            <li key={page}>
              <a className={styles.row} href={hrefOf({ at: 'settings', page })}>
                <Icon name={icon} />
                <span className={styles.words}>
                  <strong>{title}</strong>
                  <small>{text}</small>
                </span>
                <Icon name="forward" size={16} />
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <p className={styles.quiet}>
        <a href="/licenses.txt" target="_blank" rel="noreferrer">
          The work of others in Sotto
        </a>
      </p>
    </>
  )
}
