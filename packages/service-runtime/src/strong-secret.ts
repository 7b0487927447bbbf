import { z } from 'zod'

const MIN_SECRET_CHARS = 32
// Random text of 16 characters has fewer than 8 different ones once in many millions.
const DIFFERENT_SHARE = 3 / 8
const LOOKS_LIKE_AN_EXAMPLE =
  /change.?me|default|development|dummy|example|password|placeholder|secret/i

/** Why a secret is weak, to be read after its name; undefined when nothing speaks against it. */
export function weaknessOf(secret: string, minChars = MIN_SECRET_CHARS): string | undefined {
  if (secret.length < minChars) return `must have at least ${minChars} characters`
  if (new Set(secret).size < minChars * DIFFERENT_SHARE) return 'is too regular'
  if (LOOKS_LIKE_AN_EXAMPLE.test(secret)) return 'looks like an example'
  return undefined
}

/** A variable that holds a secret of our own making. */
export const secretVariable = z.string().superRefine((secret, context) => {
  const weakness = weaknessOf(secret)
  if (weakness)
    context.addIssue({
      code: 'custom',
      message: `${weakness}; make one with: openssl rand -base64 32`,
    })
})
