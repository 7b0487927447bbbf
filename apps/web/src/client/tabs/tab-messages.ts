import type { Commands, ViewKey } from '@sotto/sdk'
import type { Failure } from '../errors/failure.ts'

/** The channel between a browser's tabs, and the lock whose holder owns the client. */
export const CHANNEL = 'sotto'
export const LEADER_LOCK = 'sotto-leader'

/** Each tab holds this lock while it lives, so that the leader notices when it's gone. */
export const tabLock = (tab: string): string => `sotto-tab-${tab}`

export type CommandName = keyof Commands

/** From a tab without the client to the one that has it. */
export type FollowerMessage =
  | { type: 'join'; tab: string }
  | { type: 'subscribe' | 'unsubscribe'; tab: string; key: ViewKey }
  | { type: 'call'; tab: string; call: number; name: CommandName; args: readonly unknown[] }

/** From the tab that has the client to all others. */
export type LeaderMessage =
  /** "I have the client": at the start, and in answer to each `join`. */
  | { type: 'leading'; leader: string }
  | { type: 'leaving'; leader: string }
  | { type: 'snapshot'; key: ViewKey; value: unknown }
  /** "I'm starting on it", before anything else is done. */
  | { type: 'taken'; tab: string; call: number }
  | { type: 'answer'; tab: string; call: number; value: unknown }
  | { type: 'refusal'; tab: string; call: number; failure: Failure }

/**
 * Commands that can safely run twice. If a lost leader had started on one of these, the next leader gets it; any other
 * fails as `offline`, because it may or may not have been carried out. Calls that no leader has started on always go to
 * the next one.
 */
export const retrySafe: ReadonlySet<CommandName> = new Set<CommandName>([
  'listChannels',
  'findByPhone',
  'findByEmail',
  'listPeople',
  'safetyNumber',
  'setVerified',
  'acceptChangedKey',
  'listBlocked',
  'unblock',
  'updateProfile',
  'setFindable',
  'startConversation',
  'answerRequest',
  'saveDraft',
  'markRead',
  'loadOlder',
  'announceTyping',
  // The composer gives each message its id.
  'send',
  'serverView',
  'storageUsage',
  'stopNewKeys',
  'listDevices',
  'removeDevice',
  'devicesSeen',
  'listSessions',
  'reconnect',
])
