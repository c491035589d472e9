/** Lines of the kernel log from which facts are read; a support bundle holds no others, and those without time and host. */
export const EVIDENCE =
  /NVRM|NV_ERR_|Xid|Linux version \d|Out of memory: Killed process|Key was rejected|Loading of .{1,60} is rejected|requires use of the NVIDIA open|failed to pin|Long-term pin|_iovaspace|Cannot allocate sysmem|insufficient power|cx7-pcie-hotplug/

/** What stands in a bundle for a log without such a line. */
export const NO_EVIDENCE = '-- no line about the GPU or its driver --'

/** A line as dmesg or the journal prints it, with its time, with names of days and months in any language, or its sender. */
const LINE = /^(\w+ *:\w+ *: )?\[[ +\d]+\.\d+\][ []|^\[\S{1,6} \S{1,6} [ \d]\d \d\d:|\bkernel: |^\[?\d{4}-\d\d-\d\dT|"_TRANSPORT"/m

/** True of a text that is a kernel log, and not what a tool says that may not read it. A search that finds nothing has read it. */
export const isLogText = (argv: readonly string[], text: string): boolean =>
  LINE.test(text) ||
  EVIDENCE.test(text) ||
  text.includes(NO_EVIDENCE) ||
  (text.includes('-- No entries --') && argv.some((word) => /^(-g|--grep)/.test(word)))
