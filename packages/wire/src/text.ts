import { z } from 'zod'
import { SessionId } from './ids.ts'
import {
  MAX_DEVICE_NAME_CHARS,
  MAX_EMAIL_CHARS,
  MAX_MOMENT,
  MAX_NAME_CHARS,
  MAX_PICTURE_BYTES,
  MAX_STATEMENT_CHARS,
  MAX_VERSION,
} from './limits.ts'
import { isNickname } from './names/nickname.ts'

/** Whether `text` holds no lone surrogate, so that it survives the way through UTF-8 unchanged. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

// What would let a name break out of its line or imitate an element of the screen: controls, line
// and paragraph separators, and the marks that override the direction of what follows.
const UNSAFE_IN_NAMES = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u

// Nobody may be called nothing: these take space or combine, and show no mark of their own.
const INVISIBLE = /^[\p{Cf}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]*$/u

/** Why a line of text is refused. The message of an issue that its schema finds is one of these. */
export const LineProblem = z.enum([
  'empty',
  'too_long',
  /** Half of a character, which UTF-8 cannot express. */
  'broken_character',
  /** A control character, or one that turns the direction of text. */
  'hidden_character',
  'blanks_around',
  /** Nothing in it can be seen. */
  'invisible',
])
export type LineProblem = z.infer<typeof LineProblem>

const problem = (name: LineProblem) => name

const namePrefix = (maxChars: number) =>
  z
    .string()
    .min(1, problem('empty'))
    .max(maxChars, problem('too_long'))
    .refine(isWellFormed, problem('broken_character'))
    .refine((name) => !UNSAFE_IN_NAMES.test(name), problem('hidden_character'))

const lineOfText = (maxChars: number) =>
  namePrefix(maxChars)
    .refine((name) => name.trim() === name, problem('blanks_around'))
    .refine((name) => !INVISIBLE.test(name), problem('invisible'))

/** The beginning of a name, as somebody types it to find a person. */
export const NamePrefix = namePrefix(MAX_NAME_CHARS)

/** What a person may be called, in the form in which a device signs it. */
export const DisplayName = lineOfText(MAX_NAME_CHARS).refine(isNickname)

/**
 * What somebody is called by a record that may be older than the rules of `DisplayName`, or by the server's
 * word. No such record is refused: `shownName` makes the name fit to be shown.
 */
export const SignedName = lineOfText(MAX_NAME_CHARS)

/** What a person calls one of their devices. It is sealed before it leaves the device. */
export const DeviceName = lineOfText(MAX_DEVICE_NAME_CHARS)

/** The first hidden character of a name that has one, as `U+202E`. */
export function hiddenCharacterIn(name: string): string | undefined {
  const point = UNSAFE_IN_NAMES.exec(name)?.[0].codePointAt(0)
  return point === undefined ? undefined : `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
}

// Every service refuses these in any text.
const isStorable = (text: string) => isWellFormed(text) && !text.includes('\0')

/** A phone number as somebody writes it; the auth service brings it to E.164. */
export const PhoneInput = z.string().min(3).max(40).refine(isStorable)
/** An e-mail address as somebody writes it; the auth service lower-cases it. */
export const EmailInput = z.string().min(3).max(MAX_EMAIL_CHARS).refine(isStorable)

/** Bytes as unpadded base64url, at most `maxChars` characters. */
export const base64url = (maxChars: number) =>
  z
    .string()
    .max(maxChars)
    .regex(/^[A-Za-z0-9_-]*$/)

/** 32 bytes as unpadded base64url. The last character has two bits that are not used, and are zero. */
export const Bytes32 = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)

/** A picture, already made small on the device: PNG, JPEG or WebP as base64url. */
export const Picture = base64url(Math.ceil((MAX_PICTURE_BYTES * 4) / 3)).min(1)

/** A compact JWS; services keep it unopened but for its payload, clients verify it. */
export const Statement = z
  .string()
  .max(MAX_STATEMENT_CHARS)
  .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/)

/**
 * What a device signs to prove itself: `logInChallenge` for a log-in of its own, or what the auth service wants
 * signed before a session that it has lost goes on, which is opaque to clients.
 */
export const SessionChallenge = z
  .string()
  .max(1024)
  .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/)

const LOG_IN = 'session.'

/** What a device signs so that a log-in counts as one of the account's: the server drew the id for it. */
export const logInChallenge = (session: SessionId): string => `${LOG_IN}${session}`

/** The log-in that a challenge is about; undefined for any other challenge. */
export function logInOfChallenge(challenge: string): SessionId | undefined {
  if (!challenge.startsWith(LOG_IN)) return undefined
  return SessionId.safeParse(challenge.slice(LOG_IN.length)).data
}

/** A moment on the server's clock, milliseconds since 1970. For display only: order is `seq`. */
export const Moment = z.int().nonnegative().max(MAX_MOMENT)

/** Counts the versions of something signed or sealed. */
export const Version = z.int().positive().max(MAX_VERSION)

/** A position in a conversation's log; the first envelope has 1. */
export const Seq = z.int().positive()
/** The seq up to which something holds; 0 when nothing does. */
export const SeqMark = z.int().nonnegative()
