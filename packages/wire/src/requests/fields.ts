import { z } from 'zod'
import { AccountId } from '../ids.ts'
import { DEFAULT_PAGE, MAX_PAGE } from '../limits.ts'
import { Version } from '../text.ts'

// What several requests have in common.

/** The body of an answer that says no more than that the request succeeded. */
export const Nothing = z.strictObject({})

export const AccountParams = z.strictObject({ accountId: AccountId })

/** How many entries a page has at most. */
export const limit = z.coerce.number().int().positive().max(MAX_PAGE).default(DEFAULT_PAGE)

/**
 * The version that a write follows; 0 if it is the first. It is stale if a different version is the
 * newest.
 */
export const after = z.union([z.literal(0), Version]).optional()
