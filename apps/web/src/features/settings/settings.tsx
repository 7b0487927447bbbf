import { i18n } from '@lingui/core'
import { t } from '@lingui/core/macro'
import type { ReactNode } from 'react'
import { Bar } from '../../layout/bar.tsx'
import { ColumnPage } from '../../layout/column-page.tsx'
import { home, hrefOf, type SettingsPage } from '../../routes.ts'
import { Benchmark } from '../benchmark/benchmark.tsx'
import { Devices } from '../devices/devices.tsx'
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
import { settingsTitles } from './settings-titles.ts'
import { StorageOnServer } from './storage-on-server.tsx'
import { Writing } from './writing.tsx'

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
    <Bar
      title={i18n._(settingsTitles[page])}
      back={hrefOf({ at: 'settings', page: null })}
      backAlways
    />
  ) : (
    <Bar title={t`Settings`} back={hrefOf(home)} />
  )
  return (
    <ColumnPage bar={bar}>
      <Content />
    </ColumnPage>
  )
}
