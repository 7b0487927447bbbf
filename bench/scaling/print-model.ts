// Prints the tables of docs/scaling.md: npm run scaling-model.
import { printTables } from './tables.ts'

console.log(printTables())
