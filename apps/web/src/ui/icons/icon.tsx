import { classes } from '../classes.ts'
import styles from './icon.module.css'

const paths = {
  back: 'M15 5l-7 7 7 7',
  forward: 'M9 5l7 7-7 7',
  plus: 'M12 5v14M5 12h14',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4',
  settings:
    'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM9 14.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4z',
  send: 'M5 12h13M12.5 5.5L19 12l-6.5 6.5',
  waiting: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l2.5 2',
  accepted: 'M5 12.5l4.5 4.5L19 7.5',
  delivered: 'M2 12.5l4.5 4.5L16 7.5M11.5 16l1 1L22 7.5',
  read: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM8 12l3 3 5-6',
  failed: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v5M12 16v.01',
  warning: 'M12 4.5l8.5 15h-17zM12 10v4M12 16.8v.01',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v10H9zM15 9V5H5v10h4',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  eye: 'M3 12c4-6.5 14-6.5 18 0-4 6.5-14 6.5-18 0zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  'eye-off':
    'M4 4l16 16M9 6.8A11 11 0 0 1 21 12a13 13 0 0 1-2.2 2.7M15 17.2A11 11 0 0 1 3 12a13 13 0 0 1 2.2-2.7',
  server: 'M4 5h16v6H4zM4 13h16v6H4zM7.5 8h.01M7.5 16h.01M11 8h5M11 16h5',
  verified: 'M12 3l7 3v5.5c0 4.3-2.9 7.6-7 9.5-4.1-1.9-7-5.2-7-9.5V6zM8.5 12l2.5 2.5 4.5-5',
  key: 'M8 10.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12l8-8M16 7l3 3',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20c1.2-4 4-5.5 7.5-5.5s6.3 1.5 7.5 5.5',
  devices: 'M3 5h13v9H3zM2 18h9M15 10h6v10h-6z',
  blocked: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6.5 6.5l11 11',
  leave: 'M10 4H5v16h5M14 8l4 4-4 4M18 12H9',
  retry: 'M20 5v5h-5M19.5 10A8 8 0 1 0 20 14',
  trash: 'M5 7h14M10 4h4M7 7l1 13h8l1-13',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5',
  chat: 'M4 5h16v11H10l-4 4v-4H4z',
  phone: 'M8 3h8v18H8zM11 18h2',
  mail: 'M3 6h18v12H3zM3 7l9 6 9-6',
  speed: 'M5 18a9 9 0 1 1 14 0M12 14l4-5M12 14h.01',
  expand: 'M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7',
} as const

export type IconName = keyof typeof paths

/** Icons that point in the reading direction. */
const directed: ReadonlySet<IconName> = new Set(['back', 'forward', 'send', 'leave'])

/** An icon next to text; hidden from screen readers. */
export function Icon({ name, size = 20 }: { name: IconName; size?: 14 | 16 | 20 | 24 }) {
  const look = classes(styles.icon, directed.has(name) && styles.directed)
  return (
    <svg className={look} viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
