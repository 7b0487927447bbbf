import { t } from '@lingui/core/macro'
import { asciiDigits } from '@sotto/wire'

const GROUP_CHARS = 4
/** The number of characters in a complete code. */
export const CODE_CHARS = 32

/** The groups of a recovery code in any notation. */
export function groupsOf(recoveryCode: string): string[] {
  const plain = asciiDigits(recoveryCode.normalize('NFKC'))
  const characters = plain.replace(/[^0-9a-z]/gi, '').toUpperCase()
  return characters.match(/.{1,4}/g) ?? []
}

/** How many characters of a code a text contains. */
export const countOf = (text: string): number => groupsOf(text).join('').length

/** Typed text in the form in which codes are displayed. */
export const tidied = (typed: string): string => groupsOf(typed).join(' ')

/** Whether a complete group was typed. */
export const isWholeGroup = (typed: string): boolean => groupsOf(typed)[0]?.length === GROUP_CHARS

/** The content of the file that the code is saved in. */
export function recoveryFile(recoveryCode: string): string {
  const { host } = location
  const day = new Date().toISOString().slice(0, 10)
  return [
    t`Sotto recovery code`,
    '',
    groupsOf(recoveryCode).join('-'),
    '',
    t`For ${host}, saved on ${day}.`,
    t`It opens your keys and messages in a new browser. Anyone who has it can read everything.`,
    t`Keep it where you keep your passport, not with your password.`,
    '',
  ].join('\n')
}
