import type { Commands } from '../api/commands.ts'

/** The commands of an unlocked device, known before their code is loaded. */
export const ENGINE_COMMANDS = [
  'findByPhone',
  'findByEmail',
  'listPeople',
  'listBlocked',
  'unblock',
  'safetyNumber',
  'setVerified',
  'acceptChangedKey',
  'startConversation',
  'answerRequest',
  'send',
  'retry',
  'discard',
  'saveDraft',
  'markRead',
  'loadOlder',
  'announceTyping',
  'serverView',
] as const satisfies readonly (keyof Commands)[]

export type EngineCommands = Pick<Commands, (typeof ENGINE_COMMANDS)[number]>
