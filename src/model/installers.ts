/** Programs that change Debian packages, as the table of processes names them. The daemon of unattended-upgrades runs at all times and is none. */
export const INSTALLERS = 'dpkg|apt|apt-get|aptitude'
