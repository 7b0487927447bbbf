import { i18n, type MessageDescriptor } from '@lingui/core'

/** An error message: what happened, and what it means or what to do. */
export interface Words {
  readonly what: string
  readonly next: string
}

/** The same as messages of Lingui. */
export interface Messages {
  readonly what: MessageDescriptor
  readonly next: MessageDescriptor
}

export const inLanguage = ({ what, next }: Messages): Words => ({
  what: i18n._(what),
  next: i18n._(next),
})
