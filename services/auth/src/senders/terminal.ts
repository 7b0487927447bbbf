import type { CodeSender } from './code-sender.ts'

/**
 * Shows codes to whoever started the program: for development only. `print` writes a line to the
 * terminal and not to the log.
 */
export function terminalSender(print: (line: string) => void): CodeSender {
  return async ({ address, code }) => print(`Code for ${address}: ${code}`)
}
