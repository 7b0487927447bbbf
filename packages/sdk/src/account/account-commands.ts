import { authRequests, type DeviceId } from '@sotto/wire'
import type { Commands } from '../api/commands.ts'
import { loadCode } from '../scheduling/load-code.ts'
import { devicesSeen, listDevices } from './devices/own-devices.ts'
import { stopNewKeys } from './keys/waiting-keys.ts'
import { acceptInvitation, createInvitation, signUpPolicy } from './log-in/invitation.ts'
import { createLogIn } from './log-in/log-in.ts'
import { removePassword } from './log-in/password-log-in.ts'
import type { AccountContext } from './state/account-context.ts'
import { storageUsage } from './storage-usage.ts'

/** The commands about our account. */
export type AccountCommands = Pick<
  Commands,
  | 'listChannels'
  | 'signUpPolicy'
  | 'acceptInvitation'
  | 'createInvitation'
  | 'listInvitations'
  | 'revokeInvitation'
  | 'startPhone'
  | 'verifyPhone'
  | 'startEmail'
  | 'verifyEmail'
  | 'setPassword'
  | 'logInWithoutPassword'
  | 'logIn'
  | 'removePassword'
  | 'logOut'
  | 'createProfile'
  | 'confirmRecovery'
  | 'unlockWithRecoveryCode'
  | 'startWithNewKeys'
  | 'renewRecoveryCode'
  | 'updateProfile'
  | 'setFindable'
  | 'createRsaKey'
  | 'exportPem'
  | 'importPem'
  | 'storageUsage'
  | 'stopNewKeys'
  | 'listDevices'
  | 'removeDevice'
  | 'deviceStolen'
  | 'devicesSeen'
  | 'listSessions'
  | 'endSession'
>

type Profile<K extends 'createProfile' | 'startWithNewKeys'> = Parameters<Commands[K]>[0]

/** The account as its commands use it. */
export interface AccountSteps {
  /** Runs one command at a time, and then updates the session view. */
  step<T>(work: () => Promise<T>): Promise<T>
  /** The same for a command that logs in or unlocks. */
  entering(enter: () => Promise<void>): Promise<void>
  /** The same for a command that adds keys. */
  addingKeys(add: () => Promise<void>): Promise<void>
  createProfile(profile: Profile<'createProfile'>): Promise<void>
  startWithNewKeys(profile: Profile<'startWithNewKeys'>): Promise<void>
  confirmRecovery(group: string): Promise<void>
  renewRecoveryCode(): ReturnType<Commands['renewRecoveryCode']>
  importPem(...file: Parameters<Commands['importPem']>): Promise<void>
  deviceStolen(deviceId: DeviceId): Promise<void>
  logOut(options: { forget: boolean }): Promise<void>
}

// The first screen needs none of these, so their code is loaded later.
const devices = () => loadCode(() => import('./devices/device.ts'))
const recovery = () => loadCode(() => import('./recovery/recovery.ts'))
const ownProfile = () => loadCode(() => import('./publishing/own-profile.ts'))

export function accountCommands(context: AccountContext, account: AccountSteps): AccountCommands {
  const { step, entering, addingKeys } = account
  return {
    ...logInCommands(context, account),
    createProfile: (profile) => step(() => account.createProfile(profile)),
    confirmRecovery: (group) => step(() => account.confirmRecovery(group)),
    unlockWithRecoveryCode: (code) =>
      entering(async () => (await recovery()).unlockWithRecoveryCode(context, code)),
    startWithNewKeys: (profile) => step(() => account.startWithNewKeys(profile)),
    renewRecoveryCode: () => step(() => account.renewRecoveryCode()),
    updateProfile: (profile) =>
      step(async () => (await ownProfile()).updateProfile(context, profile)),
    setFindable: (findable) =>
      step(async () => (await ownProfile()).setFindable(context, findable)),
    createRsaKey: () => addingKeys(async () => (await ownProfile()).createRsaKey(context)),
    exportPem: (passphrase) =>
      step(async () => (await ownProfile()).exportPem(context, passphrase)),
    importPem: (...file) => addingKeys(() => account.importPem(...file)),
    storageUsage: () => storageUsage(context),
    stopNewKeys: (identityKey) => step(() => stopNewKeys(context, identityKey)),
    listDevices: () => step(() => listDevices(context)),
    removeDevice: (deviceId) => step(async () => (await devices()).removeDevice(context, deviceId)),
    deviceStolen: (deviceId) => step(() => account.deviceStolen(deviceId)),
    devicesSeen: (deviceIds) => step(() => devicesSeen(context, deviceIds)),
    listSessions: async () => (await devices()).listSessions(context),
    endSession: async (sessionId) => (await devices()).endSession(context, sessionId),
  }
}

/** The commands of people who are not logged in yet, and of those who invite them. */
function logInCommands(context: AccountContext, { step, entering, logOut }: AccountSteps) {
  const { verifyPhone, setPassword, logInWithoutPassword, logIn, ...ways } = createLogIn(context)
  return {
    ...ways,
    verifyPhone: (...code) => entering(() => verifyPhone(...code)),
    setPassword: (password) => entering(() => setPassword(password)),
    logInWithoutPassword: () => entering(logInWithoutPassword),
    removePassword: () => step(() => removePassword(context)),
    logIn: (...credentials) => entering(() => logIn(...credentials)),
    logOut: (options) => step(() => logOut(options)),
    signUpPolicy: () => signUpPolicy(context),
    acceptInvitation: (link) => step(() => acceptInvitation(context, link)),
    createInvitation: (wanted) => createInvitation(context, wanted),
    listInvitations: async () =>
      (await context.authorized(authRequests.listInvitations, {})).invitations,
    revokeInvitation: async (invitationId) => {
      await context.authorized(authRequests.revokeInvitation, { params: { invitationId } })
    },
  } satisfies Partial<AccountCommands>
}
