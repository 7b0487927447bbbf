import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { SettingsPage } from '../../routes.ts'

/** The title of each settings page, in the list and at the top of the page. */
export const settingsTitles: Record<SettingsPage, MessageDescriptor> = {
  profile: msg`Profile`,
  appearance: msg`Appearance`,
  writing: msg`Writing`,
  privacy: msg`Privacy`,
  recovery: msg`Recovery code`,
  password: msg`Password`,
  'rsa-key': msg`RSA key`,
  devices: msg`Devices and sessions`,
  storage: msg`Storage on this server`,
  blocked: msg`Blocked people`,
  invitations: msg`Invite people`,
  speed: msg`Encryption speed`,
  leave: msg`Log out`,
}
