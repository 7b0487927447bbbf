import { afterAll } from 'vitest'
import { closeAdmin } from './as-admin.ts'

// The first to be registered is the last to run.
afterAll(closeAdmin)
