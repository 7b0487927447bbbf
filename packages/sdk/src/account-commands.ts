import type { Commands } from './api.ts'

/** The commands about the own account. */
export type AccountCommands = Pick<
  Commands,
  | 'listChannels'
  | 'startPhone'
  | 'verifyPhone'
  | 'startEmail'
  | 'verifyEmail'
  | 'setPassword'
  | 'logIn'
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
  | 'listSessions'
  | 'endSession'
>
