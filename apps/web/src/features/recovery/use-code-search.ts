import { plural, t } from '@lingui/core/macro'
import { type FoundRecoveryCodes, findRecoveryCodes } from '@sotto/sdk'
import { useRef, useState } from 'react'
import { CODE_CHARS, countOf, tidied } from './recovery-code.ts'

const MAX_FILE_BYTES = 64 * 1024
/** Typed codes may be a few characters too long; anything longer is text that may contain a code. */
const MAX_TYPED_CHARS = CODE_CHARS + 4

/** The content of the recovery code field, and the code found in it. */
export function useCodeSearch() {
  const [text, setText] = useState('')
  const [found, setFound] = useState<FoundRecoveryCodes | null>(null)
  const latest = useRef<unknown>(null)

  const type = async (typed: string) => {
    latest.current = null
    setFound(null)
    if (isText(typed)) await read(typed)
    else setText(tidied(typed))
  }
  /** Looks for a code in text or a file, and puts it into the field if there is exactly one. */
  const read = async (source: string | File) => {
    latest.current = source
    const written = typeof source === 'string' ? source : await textOf(source)
    const codes = await findRecoveryCodes(written)
    if (latest.current !== source) return
    const [only, ...others] = codes.codes
    setText(only && others.length === 0 ? tidied(only) : codes.codes.join(', '))
    setFound(codes)
  }
  const count = found?.codes.length ?? 0
  const isWhole = count > 1 || countOf(text) === CODE_CHARS
  return { text, problem: problemOf(found), isWhole, isText, type, read }
}

/** Whether this is more than a code: a text that may contain one. */
const isText = (typed: string): boolean => countOf(typed) > MAX_TYPED_CHARS

const textOf = (file: File): Promise<string> => file.slice(0, MAX_FILE_BYTES).text()

function problemOf(found: FoundRecoveryCodes | null): string | null {
  if (!found || found.codes.length === 1) return null
  const { codes, damaged } = found
  if (codes.length > 1) {
    return plural(codes.length, {
      one: 'There is # code in this text. It will be tried.',
      other: 'There are # codes in this text. Each one will be tried.',
    })
  }
  const [written] = damaged
  if (written === undefined) return t`This text doesn’t contain a recovery code.`
  return t`A character is missing or mistyped in ${written}.`
}
