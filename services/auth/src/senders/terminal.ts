import type { CodeSender, OutgoingCode, OutgoingNotice } from './code-sender.ts'

/**
 * Prints codes for the person who started the program; for development only. `print` writes a line
 * to the terminal and not to the log.
 */
export function terminalSender(print: (line: string) => void): CodeSender {
  return Object.assign(
    async ({ address, code }: OutgoingCode) => print(`Code for ${address}: ${code}`),
    {
      printed: ['phone', 'email'] as const,
      tell: async ({ address, text }: OutgoingNotice) => print(`To ${address}: ${text}`),
    },
  )
}
