import type { ReactNode } from 'react'
import { home, hrefOf, type SettingsPage } from '../../routes.ts'
import { Benchmark } from '../benchmark/benchmark.tsx'
import { Devices } from '../devices/devices.tsx'
import { Bar } from '../frame/bar.tsx'
import { ColumnPage } from '../frame/column-page.tsx'
import { Invitations } from '../invitations/invitations.tsx'
import { Appearance } from './appearance.tsx'
import { BlockedPeople } from './blocked-people.tsx'
import { Leave } from './leave.tsx'
import { Password } from './password.tsx'
import { Privacy } from './privacy.tsx'
import { Profile } from './profile.tsx'
import { RecoverySettings } from './recovery-settings.tsx'
import { RsaKey } from './rsa-key.tsx'
import { SettingsIndex } from './settings-index.tsx'
import { StorageOnServer } from './storage-on-server.tsx'
import { Writing } from './writing.tsx'

const titles: Record<SettingsPage, string> = {
  profile: 'Name and picture',
  appearance: 'Appearance',
  writing: 'Writing',
  privacy: 'Being found',
  recovery: 'Recovery code',
  password: 'Password',
  'rsa-key': 'RSA key',
  devices: 'Devices and sessions',
  storage: 'Storage on this server',
  blocked: 'Blocked people',
  invitations: 'Inviting people',
  speed: 'Speed of encryption',
  leave: 'Log out',
}

const contents: Record<SettingsPage, () => ReactNode> = {
  profile: Profile,
  appearance: Appearance,
  writing: Writing,
  privacy: Privacy,
  recovery: RecoverySettings,
  password: Password,
  'rsa-key': RsaKey,
  devices: Devices,
  storage: StorageOnServer,
  blocked: BlockedPeople,
  invitations: Invitations,
  speed: Benchmark,
  leave: Leave,
}

/** The settings: their list, or one page of them. */
export function Settings({ page }: { page: SettingsPage | null }) {
  const Content = page ? contents[page] : SettingsIndex
  const bar = page ? (
    <Bar title={titles[page]} back={hrefOf({ at: 'settings', page: null })} backAlways />
  ) : (
    <Bar title="Settings" back={hrefOf(home)} />
  )
  return (
    <ColumnPage bar={bar}>
      <Content />
    </ColumnPage>
  )
}
