import { plural, t } from '@lingui/core/macro'
import type { KeyFileKind } from '@sotto/sdk'
import { wordsFor } from '../../client/errors/error-words.ts'
import type { Failure } from '../../client/errors/failure.ts'
import type { Words } from '../../client/errors/words.ts'

/** The message for a rejected key file, and the command that converts it. */
export interface KeyFileWords extends Words {
  readonly command: string | null
}

type Facts = NonNullable<Failure['details']>

const chooseSaved = () => t`Choose the .pem file you saved from Sotto.`
const convert = () =>
  t`This command converts it, on any computer with OpenSSL. It asks for the passphrase and for a new one:`

const words: Record<KeyFileKind, (facts: Facts) => Words> = {
  no_key: () => ({
    what: t`This file doesn’t contain a key.`,
    next: t`A key file has a line “-----BEGIN … PRIVATE KEY-----”. Choose the .pem file you saved from Sotto.`,
  }),
  too_large: () => ({
    what: t`This file is too large to be a key.`,
    next: t`Key files are a few kilobytes. Choose the .pem file you saved from Sotto.`,
  }),
  damaged: () => ({
    what: t`This key file is damaged.`,
    next: t`Part of it is missing or was changed. Look for another copy.`,
  }),
  public_key: () => ({
    what: t`This file contains only a public key.`,
    next: t`You need the private key to open messages. It’s in another file, often with the same name but without “.pub”.`,
  }),
  certificate: () => ({
    what: t`This file contains a certificate but no private key.`,
    next: t`The private key that belongs to it is in another file.`,
  }),
  other_algorithm: ({ algorithm }) => ({
    what: t`This private key is for ${{ algorithm: String(algorithm) }}, not RSA.`,
    next: t`The “rsa” protocol needs an RSA key. Choose another file, or create a new RSA key in Settings.`,
  }),
  several_keys: ({ count }) => ({
    what: plural(Number(count), {
      one: 'This file contains # private key.',
      other: 'This file contains # private keys.',
    }),
    next: t`Sotto can’t tell which one you want. Copy the right one, including its BEGIN and END lines, into a separate file.`,
  }),
  encryption: ({ algorithm }) => ({
    what: t`This key is encrypted in a format that isn’t supported: ${{ algorithm: String(algorithm) }}.`,
    next: convert(),
  }),
  encrypted_pkcs1: () => ({
    what: t`This RSA key is encrypted in an old format, PKCS#1 with a passphrase.`,
    next: convert(),
  }),
  openssh: () => ({
    what: t`This RSA key is in OpenSSH format.`,
    next: t`This command makes a converted copy. It asks for the passphrase and for a new one:`,
  }),
  putty: () => ({
    what: t`This key is in PuTTY format.`,
    next: t`Open it in PuTTYgen, choose “Export OpenSSH key” from the “Conversions” menu, and import that file here.`,
  }),
  pkcs12: () => ({
    what: t`This is a PKCS#12 file with a key and its certificates.`,
    next: t`This command extracts the key, on any computer with OpenSSL. It asks for the file’s password and for a new passphrase:`,
  }),
  other: ({ label }) => ({
    what: t`This file contains something else: ${{ label: String(label) }}.`,
    next: chooseSaved(),
  }),
  too_short: ({ bits }) => ({
    what: t`This RSA key has ${{ bits: Number(bits) }} bits, which is too short to be safe.`,
    next: t`It needs at least 2048. Choose another file, or create a new RSA key in Settings.`,
  }),
  too_long: ({ bits }) => ({
    what: t`This RSA key has ${{ bits: Number(bits) }} bits, more than others can use.`,
    next: t`It can have at most 4096. Choose another file, or create a new RSA key in Settings.`,
  }),
  exponent: () => ({
    what: t`This RSA key has an unusual public exponent.`,
    next: t`Only 65537 is allowed. Choose another file, or create a new RSA key in Settings.`,
  }),
  passphrase_missing: () => ({
    what: t`This file is encrypted.`,
    next: t`Enter the passphrase you chose when you saved the file.`,
  }),
  passphrase_wrong: () => ({
    what: t`This passphrase doesn’t open the file.`,
    next: t`It’s the one you chose when you saved the file.`,
  }),
}

/** The message for a rejected file, which the person knows as `fileName`. */
export function keyFileWords(failure: Failure, fileName: string): KeyFileWords {
  const { kind, command } = failure.details ?? {}
  const say = typeof kind === 'string' ? words[kind as KeyFileKind] : undefined
  return {
    ...(say?.(failure.details ?? {}) ?? wordsFor(failure)),
    command: typeof command === 'string' ? command.replace('key.pem', inShell(fileName)) : null,
  }
}

/** Replaces a name that a shell might misread. */
const inShell = (fileName: string): string =>
  /^[\w][\w.-]*$/.test(fileName) && fileName !== 'sotto.pem' ? fileName : 'key.pem'
