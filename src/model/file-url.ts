/** A path as an address: lists of files that are parted by blanks cannot hold a path with a blank, but can hold this. */
export const fileUrl = (path: string): string => `file://${path.split('/').map((part) => encodeURIComponent(part.toWellFormed())).join('/')}`
