import { z } from 'zod'

const MIN_SECRET_CHARS = 32
// Random text of 16 characters has fewer than 8 distinct characters only once in many millions.
const DIFFERENT_SHARE = 3 / 8
const LOOKS_LIKE_AN_EXAMPLE =
  /change.?me|default|development|dummy|example|password|placeholder|secret/i

/**
 * Why a secret is weak, as the end of a sentence that starts with its name; undefined if there is
 * no objection.
 */
export function weaknessOf(secret: string, minChars = MIN_SECRET_CHARS): string | undefined {
  if (secret.length < minChars) return `must have at least ${minChars} characters`
  if (new Set(secret).size < minChars * DIFFERENT_SHARE) return 'is too regular'
  if (LOOKS_LIKE_AN_EXAMPLE.test(secret)) return 'looks like an example'
  return undefined
}

/** A variable with a secret that the operator generates. */
export const secretVariable = z.string().superRefine((secret, context) => {
  const weakness = weaknessOf(secret)
  if (weakness)
    context.addIssue({
      code: 'custom',
      message: `${weakness}; make one with: openssl rand -base64 32`,
    })
})
