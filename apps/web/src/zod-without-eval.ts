import { z } from 'zod'

// Imported before anything that makes a schema: zod would otherwise compile validators with
// `new Function`, which the Content-Security-Policy forbids and reports.
z.config({ jitless: true })
