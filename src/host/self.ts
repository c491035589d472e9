import { hostname, networkInterfaces, userInfo } from 'node:os'

/** What the kernel tells this process about its machine and user, without asking any file or tool. */
export function ownNames(home: string | null): {
  home: string | null
  user: string | null
  hostname: string | null
  addresses: string[]
  macs: string[]
} {
  const cards = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return {
    home,
    user: nameOfUser(),
    hostname: hostname() || null,
    addresses: cards.map(({ address }) => address),
    macs: cards.map(({ mac }) => mac),
  }
}

function nameOfUser(): string | null {
  try {
    return userInfo().username || null
  } catch {
    return null // a user id without an entry in passwd
  }
}
