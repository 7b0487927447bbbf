import { t } from '@lingui/core/macro'
import { asciiDigits } from '@sotto/wire'

const GROUP_CHARS = 4
/** Characters of a whole code. */
export const CODE_CHARS = 32

/** The groups of a recovery code, however it is written. */
export function groupsOf(recoveryCode: string): string[] {
  const plain = asciiDigits(recoveryCode.normalize('NFKC'))
  const characters = plain.replace(/[^0-9a-z]/gi, '').toUpperCase()
  return characters.match(/.{1,4}/g) ?? []
}

/** How many characters of a code stand in a text. */
export const countOf = (text: string): number => groupsOf(text).join('').length

/** What somebody types, brought to the form in which codes are shown. */
export const tidied = (typed: string): string => groupsOf(typed).join(' ')

/** Whether as much was typed as one group has. */
export const isWholeGroup = (typed: string): boolean => groupsOf(typed)[0]?.length === GROUP_CHARS

/** The file in which a code is kept. */
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
