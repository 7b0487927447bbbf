import type { Command } from './command.ts'
import { accountCommand } from './commands/account.ts'
import { accountsCommand } from './commands/accounts.ts'
import { invitationsCommand, inviteCommand, withdrawCommand } from './commands/invitations.ts'
import { keysCommand, putKeysBackCommand } from './commands/keys.ts'
import { quotaCommand } from './commands/quota.ts'
import { removeCommand } from './commands/remove.ts'
import { sendTestCodeCommand } from './commands/send-test-code.ts'
import { storageCommand } from './commands/storage.ts'
import { endSessionsCommand, resumeCommand, suspendCommand } from './commands/suspension.ts'

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [
  accountsCommand,
  accountCommand,
  quotaCommand,
  endSessionsCommand,
  suspendCommand,
  resumeCommand,
  keysCommand,
  putKeysBackCommand,
  removeCommand,
  inviteCommand,
  invitationsCommand,
  withdrawCommand,
  storageCommand,
  sendTestCodeCommand,
]
